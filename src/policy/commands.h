/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands of nspolicy; each returns the exit status. */
#ifndef POLICY_COMMANDS_H
#define POLICY_COMMANDS_H

enum {
	STATUS_SAME = 0,
	STATUS_DIFFERS = 1, /* the manifest does not accept all there is */
	STATUS_FAILED = 125, /* our own failure, as in env(1) */
};

/* @argv: what follows the name of the subcommand. */

/** command_generate() - print or write a manifest for a tree */
int command_generate(int argc, char **argv);

/** command_check() - compare a manifest with the files it is about */
int command_check(int argc, char **argv);

/** command_explain() - say what a manifest wants of each file */
int command_explain(int argc, char **argv);

/** command_diff() - say what one manifest says otherwise than another */
int command_diff(int argc, char **argv);

/** command_sign() - sign a manifest */
int command_sign(int argc, char **argv);

/** command_verify() - check the signature of a manifest */
int command_verify(int argc, char **argv);

/** command_hash() - print integrity strings of files */
int command_hash(int argc, char **argv);

#endif

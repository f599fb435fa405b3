/* SPDX-License-Identifier: Apache-2.0 */
/* nspolicy: makes manifests and compares them with the files. */
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "policy/commands.h"
#include "policy/report.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "generate", command_generate,
	  "make a manifest of the code in a tree" },
	{ "check", command_check, "compare a manifest with the files" },
	{ "explain", command_explain, "say what a manifest wants of files" },
	{ "diff", command_diff, "compare two manifests" },
	{ "sign", command_sign, "sign a manifest" },
	{ "verify", command_verify, "check the signature of a manifest" },
	{ "hash", command_hash, "print integrity strings of files" },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int print_help(void)
{
	printf("Usage: nspolicy COMMAND [OPTION]... [FILE]...\n"
	       "       nspolicy COMMAND --help\n"
	       "\n"
	       "Makes manifests for nssupervise --policy=FILE, and compares "
	       "them with files.\n"
	       "\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	printf("\n"
	       "  --help     print this text\n"
	       "  --version  print the version\n"
	       "\n"
	       "Exit status: 0, 1 if something differs, 125 for a failure.\n");
	return finish_output(STATUS_SAME);
}

int main(int argc, char **argv)
{
	log_open("nspolicy");
	if (argc < 2) {
		log_error("a command is missing: see --help");
		return STATUS_FAILED;
	}
	if (strcmp(argv[1], "--help") == 0)
		return print_help();
	if (strcmp(argv[1], "--version") == 0) {
		printf("nspolicy %s\n", PACKAGE_VERSION);
		return finish_output(STATUS_SAME);
	}
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	log_error("unknown command '%s': see --help", argv[1]);
	return STATUS_FAILED;
}

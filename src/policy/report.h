/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands print. */
#ifndef POLICY_REPORT_H
#define POLICY_REPORT_H

/** report() - print "WORD PATH" on stdout, control characters as \xNN */
void report(const char *word, const char *path);

/** finish_output() - flush stdout. Return: @status, or failure, logged. */
int finish_output(int status);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Output about files whose names nobody chose for a terminal. */
#include "policy/report.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "policy/commands.h"

void report(const char *word, const char *path)
{
	char shown[4 * PATH_MAX + 1];

	(void)text_escape(shown, sizeof(shown), path, strlen(path));
	printf("%-8s  %s\n", word, shown);
}

int finish_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	log_error("cannot write the output: %m");
	return STATUS_FAILED;
}

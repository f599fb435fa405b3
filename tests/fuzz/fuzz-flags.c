/* SPDX-License-Identifier: Apache-2.0 */
/* One word of the command line in each line: parsed or refused, never more. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervise/options.h"

#define WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const struct strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i][0] == '\0')
			abort();
}

static void check(const struct options *options)
{
	bool needs_command = options->action == DO_RUN ||
			     options->action == DO_EXPLAIN;

	if (options->action == DO_NOTHING)
		return;
	check_list(&options->allow_fs_read);
	check_list(&options->allow_fs_write);
	check_list(&options->deny_fs_read);
	check_list(&options->deny_fs_write);
	check_list(&options->child_programs);
	check_list(&options->allow_env);
	if (!options->runtime || !options->argv ||
	    options->argv[options->argc] ||
	    (needs_command && options->argc == 0) ||
	    (options->action == DO_WHY) != (options->why != NULL) ||
	    (options->any_child_program && options->child_programs.n > 0) ||
	    (options->log_target == LOG_TO_FILE) != (options->log_file != NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[WORDS_MAX + 2] = { NULL };
	char *text = malloc(size + 1);
	struct options options;
	int argc = 1;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	argv[0] = text + size;
	/* A file may be a device that never ends; see fuzz-config. */
	if (!memmem(data, size, "--config", 8)) {
		for (char *s = strtok(text, "\n"); s && argc <= WORDS_MAX;
		     s = strtok(NULL, "\n"))
			argv[argc++] = s;
		if (options_parse(argc, argv, &options) == 0)
			check(&options);
		options_done(&options);
	}
	free(text);
	return 0;
}

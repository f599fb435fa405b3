/* SPDX-License-Identifier: Apache-2.0 */
/* --config: the same options, as JSON. */
#ifndef SUPERVISE_CONFIG_H
#define SUPERVISE_CONFIG_H

struct options;

/**
 * config_load() - set options from a JSON file
 * @options: begun by options_parse(); lists are added to. On failure it may
 *           have some of the file, and is good for options_done() only.
 *
 * Keys are the names of options; "command" is the command as an array;
 * "comment" and "$schema" may hold anything. Logs FILE:LINE:COLUMN: KEY: TEXT.
 *
 * Return: 0, -EINVAL, -ENOMEM, or -errno of the file.
 */
int config_load(const char *file, struct options *options);

#endif

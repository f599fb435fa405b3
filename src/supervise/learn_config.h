/* SPDX-License-Identifier: Apache-2.0 */
/* --learn: a --config file of what the run would have needed. */
#ifndef SUPERVISE_LEARN_CONFIG_H
#define SUPERVISE_LEARN_CONFIG_H

#include "supervise/learn.h"
#include "supervise/learn_file.h"
#include "supervise/options.h"

/**
 * learn_config_write() - write the file; when the run has ended
 * @base: the options of the run: they stand in the file as well
 *
 * Logs what is wrong, and what could not be learned. Return: 0 or -errno.
 */
int learn_config_write(const struct options *base, struct learn *learn,
		       struct learn_file *file);

#endif

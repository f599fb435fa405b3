/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each meaning of an option's value; see option_take. */
#include "supervise/optake.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "common/cleanup.h"
#include "supervise/net_rule.h"

static void *field_of(struct options *options, const struct option_row *row)
{
	return (char *)options + row->offset;
}

static int __attribute__((format(printf, 2, 3)))
refuse(char *error, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(error, OPTION_ERROR_SIZE, format, ap);
	va_end(ap);
	return -EINVAL;
}

static int replace(char **field, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

int take_flag(struct options *options, const struct option_row *row,
	      const char *item, char *error)
{
	bool *field = field_of(options, row);

	(void)item;
	(void)error;
	*field = true;
	return 0;
}

int take_text(struct options *options, const struct option_row *row,
	      const char *item, char *error)
{
	(void)error;
	return replace(field_of(options, row), item);
}

int take_item(struct options *options, const struct option_row *row,
	      const char *item, char *error)
{
	(void)error;
	return strings_add(field_of(options, row), item);
}

int take_child(struct options *options, const struct option_row *row,
	       const char *item, char *error)
{
	(void)row;
	(void)error;
	options->allow_child_process = true;
	if (item && strcmp(item, "*") != 0)
		return strings_add(&options->child_programs, item);
	options->any_child_program = true;
	return 0;
}

int take_net(struct options *options, const struct option_row *row,
	     const char *item, char *error)
{
	struct net_rule rule;
	int r;

	(void)row;
	if (!item) {
		options->allow_net = true;
		return 0;
	}
	r = net_rule_parse(item, &rule, error, OPTION_ERROR_SIZE);
	net_rule_done(&rule);
	return r < 0 ? r : strings_add(&options->net_rules, item);
}

int take_env(struct options *options, const struct option_row *row,
	     const char *item, char *error)
{
	(void)row;
	if (strchr(item, '='))
		return refuse(error,
			      "'%s' is not a name: to set a variable, "
			      "run env(1) in front of nssupervise",
			      item);
	options->has_allow_env = true;
	return strings_add(&options->allow_env, item);
}

static int parse_fd(const char *text, int *ret, char *error)
{
	int value = 0;

	for (const char *s = text; *s != '\0' || s == text; s++) {
		if (*s < '0' || *s > '9' || value > (INT_MAX - 9) / 10)
			return refuse(error, "'%s' is not a descriptor number",
				      text);
		value = 10 * value + (*s - '0');
	}
	if (fcntl(value, F_GETFD) < 0)
		return refuse(error, "descriptor %d is not open", value);
	*ret = value;
	return 0;
}

static int parse_output_fd(const char *text, int *ret, char *error)
{
	int fd = -1;
	int r = parse_fd(text, &fd, error);
	int flags;

	if (r < 0)
		return r;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || (flags & O_PATH))
		return refuse(error, "descriptor %d is not open for writing",
			      fd);
	*ret = fd;
	return 0;
}

int take_pass_fd(struct options *options, const struct option_row *row,
		 const char *item, char *error)
{
	int *grown;
	int fd = -1;
	int r = parse_fd(item, &fd, error);

	(void)row;
	if (r < 0)
		return r;
	for (size_t i = 0; i < options->n_pass_fds; i++)
		if (options->pass_fds[i] == fd)
			return 0;
	grown = reallocarray(options->pass_fds, options->n_pass_fds + 1,
			     sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	options->pass_fds = grown;
	options->pass_fds[options->n_pass_fds++] = fd;
	return 0;
}

int take_status_fd(struct options *options, const struct option_row *row,
		   const char *item, char *error)
{
	(void)row;
	return parse_output_fd(item, &options->status_fd, error);
}

int take_explain(struct options *options, const struct option_row *row,
		 const char *item, char *error)
{
	(void)row;
	if (!item || strcmp(item, "text") == 0)
		options->explain = EXPLAIN_TEXT;
	else if (strcmp(item, "json") == 0)
		options->explain = EXPLAIN_JSON;
	else
		return refuse(error, "'%s' is neither text nor json", item);
	return 0;
}

int take_why(struct options *options, const struct option_row *row,
	     const char *item, char *error)
{
	static const char *const kinds[] = { "read:", "write:", "exec:",
					     "net:" };

	(void)row;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i]);

		if (strncmp(item, kinds[i], n) != 0)
			continue;
		if (item[n] == '\0')
			return refuse(error, "nothing follows '%s'", item);
		return replace(&options->why, item);
	}
	return refuse(
		error,
		"'%s' does not begin with read:, write:, exec: or net:", item);
}

int take_check(struct options *options, const struct option_row *row,
	       const char *item, char *error)
{
	(void)row;
	(void)item;
	(void)error;
	options->action = DO_CHECK;
	return 0;
}

int take_log(struct options *options, const struct option_row *row,
	     const char *item, char *error)
{
	int fd = -1;
	int r = 0;

	(void)row;
	free(options->log_file);
	options->log_file = NULL;
	options->log_fd = -1;
	if (strcmp(item, "stderr") == 0) {
		options->log_target = LOG_TO_STDERR;
	} else if (strcmp(item, "journal") == 0) {
		options->log_target = LOG_TO_JOURNAL;
	} else if (strncmp(item, "fd:", 3) == 0) {
		options->log_target = LOG_TO_FD;
		r = parse_output_fd(item + 3, &fd, error);
		options->log_fd = fd;
	} else {
		options->log_target = LOG_TO_FILE;
		r = replace(&options->log_file, item);
	}
	return r;
}

int take_log_format(struct options *options, const struct option_row *row,
		    const char *item, char *error)
{
	(void)row;
	if (strcmp(item, "text") != 0 && strcmp(item, "json") != 0)
		return refuse(error, "'%s' is neither text nor json", item);
	options->log_json = item[0] == 'j';
	return 0;
}

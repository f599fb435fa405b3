/* SPDX-License-Identifier: Apache-2.0 */
/* The options that a run would have needed, each with its reason. */
#include "supervise/learn_needs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervise/learn_emit.h"

static int copy(struct strings *to, const struct strings *from)
{
	int r = 0;

	*to = (struct strings){ 0 };
	for (size_t i = 0; i < from->n && r == 0; i++)
		r = strings_add(to, from->items[i]);
	return r;
}

static int copy_options(struct options *to, const struct options *from)
{
	int r = 0;

	*to = *from;
	to->any_child_program = from->allow_child_process &&
				from->child_programs.n == 0;
	r |= copy(&to->allow_fs_read, &from->allow_fs_read);
	r |= copy(&to->allow_fs_write, &from->allow_fs_write);
	r |= copy(&to->child_programs, &from->child_programs);
	r |= copy(&to->net_rules, &from->net_rules);
	r |= copy(&to->allow_unix, &from->allow_unix);
	return r < 0 ? -ENOMEM : 0;
}

void learn_needs_done(struct learn_needs *needs)
{
	strings_done(&needs->options.allow_fs_read);
	strings_done(&needs->options.allow_fs_write);
	strings_done(&needs->options.child_programs);
	strings_done(&needs->options.net_rules);
	strings_done(&needs->options.allow_unix);
	for (size_t i = 0; i < needs->n_reasons; i++) {
		free(needs->reasons[i].item);
		free(needs->reasons[i].text);
	}
	free(needs->reasons);
	strings_done(&needs->left_out);
	*needs = (struct learn_needs){ 0 };
}

static int set_option(struct options *options, const char *name,
		      const char *item)
{
	const struct {
		const char *name;
		struct strings *list;
		bool *flag; /* set with or without an item */
	} rows[] = {
		{ "allow-fs-read", &options->allow_fs_read, NULL },
		{ "allow-fs-write", &options->allow_fs_write, NULL },
		{ "allow-child-process", &options->child_programs,
		  &options->allow_child_process },
		{ "allow-net", &options->net_rules, NULL },
		{ "allow-unix", &options->allow_unix, NULL },
		{ "allow-fs-metadata", NULL, &options->allow_fs_metadata },
		{ "allow-worker", NULL, &options->allow_worker },
		{ "allow-addons", NULL, &options->allow_addons },
		{ "allow-inspector", NULL, &options->allow_inspector },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		if (rows[i].flag)
			*rows[i].flag = true;
		if (item && rows[i].list &&
		    !strings_contain(rows[i].list, item))
			return strings_add(rows[i].list, item);
	}
	if (!item && strcmp(name, "allow-child-process") == 0) {
		options->any_child_program = true;
		strings_done(&options->child_programs);
	}
	return 0;
}

int learn_needs_add(struct learn_needs *needs, const char *option,
		    const char *item, const char *text)
{
	struct learn_reason *reasons;
	struct learn_reason reason = { .option = option };

	/* Any program is more than some. */
	if (strcmp(option, "allow-child-process") == 0 &&
	    needs->options.any_child_program)
		return 0;
	if ((needs->n_reasons & (needs->n_reasons - 1)) == 0) {
		reasons = reallocarray(needs->reasons,
				       needs->n_reasons ? 2 * needs->n_reasons :
							  1,
				       sizeof(*reasons));
		if (!reasons)
			return -ENOMEM;
		needs->reasons = reasons;
	}
	reason.item = item ? strdup(item) : NULL;
	reason.text = strdup(text);
	if (!reason.text || (item && !reason.item)) {
		free(reason.item);
		free(reason.text);
		return -ENOMEM;
	}
	kept(reason.item);
	kept(reason.text);
	needs->reasons[needs->n_reasons++] = reason;
	return set_option(&needs->options, option, item);
}

/* A server on all addresses is one on a port. */
static const char *listen_rule(const char *object, char *ret, size_t size)
{
	static const char *const any[] = { "0.0.0.0:", "[::]:" };

	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		if (strncmp(object, any[i], strlen(any[i])) == 0)
			object += strlen(any[i]);
	(void)snprintf(ret, size, "listen:%s", object);
	return ret;
}

#define PORT_CHOSEN 32768 /* by the kernel: ip_local_port_range */

/* Its own server may be at another port the next time. */
static int add_connect(struct learn_needs *needs,
		       const struct learn_entry *entry, const char *who)
{
	_cleanup_free_ char *rule = strdup(entry->object);
	char text[128], *colon = rule ? strrchr(rule, ':') : NULL;

	if (!rule)
		return -ENOMEM;
	if (!needs->has_any_port || !colon ||
	    strtol(colon + 1, NULL, 10) < PORT_CHOSEN)
		return learn_needs_add(needs, "allow-net", rule, who);
	(void)snprintf(
		text, sizeof(text),
		"%s, to port %s; it listens where the kernel chooses the port",
		who, colon + 1);
	*colon = '\0';
	return learn_needs_add(needs, "allow-net", rule, text);
}

/* What is neither a file nor a program. */
static int add_entry(struct learn_needs *needs, const struct learn_entry *entry)
{
	static const char *const flags[LEARN_KINDS] = {
		[LEARN_THREAD] = "allow-worker",
		[LEARN_LOAD] = "allow-addons",
		[LEARN_INSPECTOR] = "allow-inspector",
	};
	char who[64], text[PATH_MAX + 128], rule[PATH_MAX + 16];
	_cleanup_free_ char *path = NULL;

	learn_describe(entry, who, sizeof(who));
	(void)snprintf(text, sizeof(text), "%s %s (%s)", entry->operation,
		       entry->object, who);
	switch (entry->kind) {
	case LEARN_THREAD:
	case LEARN_LOAD:
	case LEARN_INSPECTOR:
		return learn_needs_add(needs, flags[entry->kind], NULL, text);
	case LEARN_NET:
		return add_connect(needs, entry, who);
	case LEARN_LISTEN:
		return learn_needs_add(
			needs, "allow-net",
			listen_rule(entry->object, rule, sizeof(rule)), who);
	case LEARN_UNIX:
		path = learn_escape(entry->object);
		return path ? learn_needs_add(needs, "allow-unix", path, who) :
			      -ENOMEM;
	case LEARN_HOPELESS:
		return strings_add(&needs->left_out, text);
	case LEARN_FILE:
	case LEARN_EXEC:
	case LEARN_FORK:
	case LEARN_KINDS:
		break;
	}
	return 0;
}

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

int learn_needs_make(const struct options *base, struct learn *learn,
		     unsigned grants_max, struct learn_needs *ret)
{
	_cleanup_free_ char *cwd = getcwd(NULL, 0);
	struct learn_input input = {
		.place = { .home = getenv("HOME"),
			   .cwd = cwd,
			   .tmpdir = getenv("TMPDIR") },
		.max = grants_max,
	};
	struct strings readable = { 0 };
	struct learn_entry *entries;
	size_t n;
	int r;

	*ret = (struct learn_needs){ 0 };
	entries = learn_entries(learn, &n, &ret->n_lost);
	r = copy_options(&ret->options, base);
	for (size_t i = 0; i < n; i++)
		ret->has_any_port |= entries[i].kind == LEARN_LISTEN &&
				     ends_in(entries[i].object, ":0");
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_entry(ret, &entries[i]);
	if (r == 0)
		r = learn_programs(ret, entries, n, &input.place, &readable);
	if (r == 0)
		r = learn_files(ret, entries, n, &readable, &input);
	strings_done(&readable);
	return r;
}

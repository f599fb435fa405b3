/* SPDX-License-Identifier: Apache-2.0 */
/* --learn: a --config file of what the run would have needed. */
#include "supervise/learn_config.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/utf8.h"
#include "supervise/learn_needs.h"

/* What config.c reads at most is a little more. */
#define SIZE_MAX_JSON ((size_t)1000 * 1000)
#define TEXT_SIZE 8192

static bool is_utf8(const char *text)
{
	size_t len = strlen(text);
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(text + i, len - i, &c);
		if (n == 0)
			return false;
	}
	return true;
}

/* For people: control characters and other bytes are written as \xNN. */
static struct json_object *make_text(const char *text)
{
	char escaped[TEXT_SIZE];

	char stars[TEXT_SIZE];

	(void)snprintf(stars, sizeof(stars), "%s", text);
	for (char *at = stars; *at; at++)
		if (*at == LEARN_ANY[0])
			*at = '*';
	(void)text_escape(escaped, sizeof(escaped), stars, strlen(stars));
	return json_object_new_string(escaped);
}

/* Return: false if some item is not UTF-8: it cannot stand in JSON. */
static bool add_list(struct json_object *root, const char *key,
		     const struct strings *items)
{
	struct json_object *list;
	bool is_all = true;

	if (items->n == 0)
		return true;
	list = json_object_new_array();
	for (size_t i = 0; i < items->n; i++) {
		if (is_utf8(items->items[i]))
			json_object_array_add(
				list, json_object_new_string(items->items[i]));
		else
			is_all = false;
	}
	json_object_object_add(root, key, list);
	return is_all;
}

static void add_flag(struct json_object *root, const char *key, bool value)
{
	if (value)
		json_object_object_add(root, key,
				       json_object_new_boolean(true));
}

static void add_string(struct json_object *root, const char *key,
		       const char *value)
{
	if (value)
		json_object_object_add(root, key,
				       json_object_new_string(value));
}

/* true, or only what the list names. */
static bool add_choice(struct json_object *root, const char *key, bool is_all,
		       const struct strings *items)
{
	if (!is_all)
		return add_list(root, key, items);
	add_flag(root, key, true);
	return true;
}

/* Return: as add_list(). */
static bool add_options(struct json_object *root, const struct options *o)
{
	bool is_all = true;

	is_all &= add_list(root, "allow-fs-read", &o->allow_fs_read);
	is_all &= add_list(root, "allow-fs-write", &o->allow_fs_write);
	add_flag(root, "allow-fs-metadata", o->allow_fs_metadata);
	is_all &= add_list(root, "deny-fs-read", &o->deny_fs_read);
	is_all &= add_list(root, "deny-fs-write", &o->deny_fs_write);
	is_all &= add_choice(root, "allow-child-process",
			     o->allow_child_process && o->any_child_program,
			     &o->child_programs);
	add_flag(root, "allow-worker", o->allow_worker);
	add_flag(root, "allow-addons", o->allow_addons);
	add_flag(root, "allow-wasi", o->allow_wasi);
	add_flag(root, "allow-inspector", o->allow_inspector);
	is_all &= add_choice(root, "allow-net", o->allow_net, &o->net_rules);
	is_all &= add_list(root, "allow-unix", &o->allow_unix);
	is_all &= add_list(root, "allow-env", &o->allow_env);
	add_string(root, "policy", o->policy);
	add_string(root, "policy-integrity", o->policy_integrity);
	add_string(root, "policy-key", o->policy_key);
	add_string(root, "verifier", o->verifier);
	if (strcmp(o->runtime, "auto") != 0)
		add_string(root, "runtime", o->runtime);
	add_flag(root, "wait-all", o->wait_all);
	return is_all;
}

static void add_command(struct json_object *comment, const struct options *o)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < o->argc; i++)
		json_object_array_add(list, make_text(o->argv[i]));
	json_object_object_add(comment, "command", list);
}

/* {OPTION: {ITEM: why}}, or {OPTION: why} of an option without items. */
static void add_reason(struct json_object *comment,
		       const struct learn_reason *reason)
{
	char item[TEXT_SIZE];
	struct json_object *items;

	if (!json_object_object_get_ex(comment, reason->option, &items)) {
		items = json_object_new_object();
		json_object_object_add(comment, reason->option, items);
	}
	(void)text_escape(item, sizeof(item), reason->item ? reason->item : "",
			  reason->item ? strlen(reason->item) : 0);
	json_object_object_add(items, reason->item ? item : "true",
			       make_text(reason->text));
}

static void add_left_out(struct json_object *comment,
			 const struct learn_needs *needs, bool is_all)
{
	struct json_object *list = json_object_new_array();
	char text[128];

	for (size_t i = 0; i < needs->left_out.n; i++)
		json_object_array_add(list,
				      make_text(needs->left_out.items[i]));
	if (!is_all)
		json_object_array_add(
			list,
			json_object_new_string(
				"paths that are not UTF-8: JSON cannot name them, the command line can"));
	if (needs->n_lost > 0) {
		(void)snprintf(
			text, sizeof(text),
			"%llu denials of more objects than could be kept",
			(unsigned long long)needs->n_lost);
		json_object_array_add(list, json_object_new_string(text));
	}
	if (json_object_array_length(list) > 0)
		json_object_object_add(comment, "left out", list);
	else
		json_object_put(list);
}

static struct json_object *make_root(const struct learn_needs *needs)
{
	struct json_object *root = json_object_new_object();
	struct json_object *comment = json_object_new_object();
	bool is_all;

	json_object_object_add(root, "comment", comment);
	add_string(
		comment, "made by",
		"nssupervise --learn: what one run of this command would have needed, beyond what was given; read it before you use it, the command could do what it liked in that run");
	add_command(comment, &needs->options);
	for (size_t i = 0; i < needs->n_reasons; i++)
		add_reason(comment, &needs->reasons[i]);
	is_all = add_options(root, &needs->options);
	add_left_out(comment, needs, is_all);
	return root;
}

static int write_root(struct json_object *root, struct learn_file *file,
		      bool is_last)
{
	const char *json = json_object_to_json_string_ext(
		root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_PRETTY_TAB |
			      JSON_C_TO_STRING_SPACED |
			      JSON_C_TO_STRING_NOSLASHESCAPE);
	char *text = NULL;
	int len, r;

	if (!json)
		return -ENOMEM;
	if (strlen(json) > SIZE_MAX_JSON && !is_last)
		return -E2BIG;
	len = asprintf(&text, "%s\n", json);
	if (len < 0)
		return -ENOMEM;
	r = learn_file_write(file, text, (size_t)len);
	free(text);
	return r;
}

int learn_config_write(const struct options *base, struct learn *learn,
		       struct learn_file *file)
{
	unsigned max = LEARN_GRANTS_MAX;
	size_t n_left_out = 0;
	int r;

	do {
		struct learn_needs needs;

		r = learn_needs_make(base, learn, max, &needs);
		if (r == 0) {
			struct json_object *root = make_root(&needs);

			r = write_root(root, file, max == 1);
			json_object_put(root);
		}
		n_left_out = needs.left_out.n + (needs.n_lost > 0);
		learn_needs_done(&needs);
		max /= 2;
	} while (r == -E2BIG && max > 0);
	if (r < 0)
		log_error("--learn: cannot write '%s': %s", file->path,
			  strerror(-r));
	else if (n_left_out > 0)
		log_warning(
			"--learn: some of what was denied no option allows: see \"left out\" in '%s'",
			file->path);
	return r;
}

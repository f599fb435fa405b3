/* SPDX-License-Identifier: Apache-2.0 */
/* Strict JSON: check the text, then let json-c make the tree. */
#include "common/json.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/jsonscan.h"
#include "common/readall.h"
#include "common/utf8.h"

/* Appends as much of @text as fits; what does not fit ends in "...". */
static void key_append(struct json_error *err, const char *text, size_t len)
{
	size_t most = sizeof(err->key) - 1 - strlen("...");
	size_t used = strlen(err->key);
	size_t room = used < most ? most - used : 0;

	if (len <= room) {
		memcpy(err->key + used, text, len);
		err->key[used + len] = '\0';
		return;
	}
	/* Cut between characters. */
	while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80)
		room--;
	memcpy(err->key + used, text, room);
	memset(err->key + used + room, '.', sizeof(err->key) - 1 - used - room);
	err->key[sizeof(err->key) - 1] = '\0';
}

static bool is_plain_key(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!isalnum(c) && c != '_' && c != '-')
			return false;
	}
	return len > 0 && !isdigit((unsigned char)text[0]);
}

static void key_step(struct json_error *err, const char *text, size_t len)
{
	if (is_plain_key(text, len)) {
		if (err->key[0] != '\0')
			key_append(err, ".", 1);
		key_append(err, text, len);
		return;
	}
	key_append(err, "[\"", 2);
	key_append(err, text, len);
	key_append(err, "\"]", 2);
}

static void key_index(struct json_error *err, size_t index)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "[%zu]", index);
	key_append(err, text, strlen(text));
}

static void set_place(const char *text, size_t pos, struct json_error *err)
{
	const char *line = text;

	err->line = 1;
	for (const char *p = text; p < text + pos; p++)
		if (*p == '\n') {
			err->line++;
			line = p + 1;
		}
	err->column = 1;
	for (const char *p = line; p < text + pos; p++)
		if (((unsigned char)*p & 0xc0) != 0x80)
			err->column++;
}

static void set_text(struct json_error *err, const char *text)
{
	(void)snprintf(err->text, sizeof(err->text), "%s", text);
}

static void describe(const struct json_scan *s, struct json_error *err)
{
	set_place(s->text, s->pos, err);
	for (size_t i = 0; i < s->depth; i++) {
		const struct json_frame *f = &s->frames[i];

		if (f->is_array)
			key_index(err, f->index);
		else if (f->has_key)
			key_step(err, s->text + f->key.start, f->key.len);
	}
	set_text(err, s->problem);
}

int json_check(const char *text, size_t len, struct json_error *err)
{
	struct json_scan scan = { .text = text, .len = len };
	int r = -ENOMEM;

	*err = (struct json_error){ 0 };
	scan.keys = json_keys_new(text);
	if (scan.keys)
		r = json_scan_run(&scan);
	json_keys_free(scan.keys);
	if (r == -EINVAL)
		describe(&scan, err);
	else if (r < 0)
		set_text(err, strerror(-r));
	return r;
}

int json_load(const char *text, size_t len, struct json_object **ret,
	      struct json_error *err)
{
	struct json_tokener *tokener;
	struct json_object *tree;
	int r = json_check(text, len, err);

	if (r < 0)
		return r;
	/* json-c counts the scalars inside as one more level. */
	tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 2);
	if (!tokener) {
		set_text(err, strerror(ENOMEM));
		return -ENOMEM;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
						JSON_TOKENER_VALIDATE_UTF8);
	tree = json_tokener_parse_ex(tokener, text, (int)len);
	/* A number at the very end waits for more until it is told the end. */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		tree = json_tokener_parse_ex(tokener, "", 1);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		set_place(text, json_tokener_get_parse_end(tokener), err);
		set_text(err, json_tokener_error_desc(
				      json_tokener_get_error(tokener)));
		r = -EINVAL;
	}
	json_tokener_free(tokener);
	if (r == 0)
		*ret = tree;
	else
		json_object_put(tree);
	return r;
}

int json_load_fd(int fd, size_t max, char **ret_text, size_t *ret_len,
		 struct json_object **ret, struct json_error *err)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r = read_to_end(fd, max, &text, &len);

	*err = (struct json_error){ 0 };
	if (r < 0) {
		set_text(err, strerror(-r));
		return r;
	}
	r = json_load(text, len, ret, err);
	if (r < 0)
		return r;
	*ret_text = take_ptr(&text);
	*ret_len = len;
	return 0;
}

void json_locate(const char *text, size_t len, const char *const *path,
		 size_t n, struct json_error *err)
{
	static const char *const nothing[] = { NULL };
	struct json_scan scan = { .text = text,
				  .len = len,
				  .path = n > 0 ? path : nothing,
				  .path_len = n };

	(void)json_scan_run(&scan); /* stops at the place, or near it */
	set_place(text, scan.found_pos, err);
	err->key[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (i < scan.n_found && scan.frames[i].is_array)
			key_index(err, strtoul(path[i], NULL, 10));
		else
			key_step(err, path[i], strlen(path[i]));
	}
}

#define FILE_SHOWN 512 /* bytes of a file name */

void json_error_format(const struct json_error *err, const char *file,
		       char *ret, size_t size)
{
	size_t len = strlen(file);
	char place[64] = "";

	if (err->line > 0)
		(void)snprintf(place, sizeof(place), ":%zu:%zu", err->line,
			       err->column);
	if (len > FILE_SHOWN)
		file += len - FILE_SHOWN;
	(void)snprintf(ret, size, "%s%s: %s%s%s", file, place, err->key,
		       err->key[0] != '\0' ? ": " : "", err->text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a manifest and of its descriptors. */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "verify/loader.h"

#define BAD_FIELD "ERR_MANIFEST_INVALID_RESOURCE_FIELD: "

int loader_refuse(struct loader *l, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(l->err->text, sizeof(l->err->text), format, ap);
	va_end(ap);
	json_locate(l->text, l->len, l->steps, l->n_steps, l->err);
	return -EINVAL;
}

void loader_enter(struct loader *l, const char *step)
{
	l->steps[l->n_steps++] = step;
}

void loader_leave(struct loader *l)
{
	l->n_steps--;
}

static bool is_true(struct json_object *value)
{
	return json_object_is_type(value, json_type_boolean) &&
	       json_object_get_boolean(value);
}

/* What is not an object has no fields, as in Node.js. */
static bool get(struct json_object *descriptor, const char *name,
		struct json_object **ret)
{
	*ret = NULL;
	return json_object_is_type(descriptor, json_type_object) &&
	       json_object_object_get_ex(descriptor, name, ret);
}

static int find_onerror(struct json_object *value, enum onerror *ret)
{
	static const char *const names[] = { [ONERROR_THROW] = "throw",
					     [ONERROR_LOG] = "log",
					     [ONERROR_EXIT] = "exit" };

	if (!json_object_is_type(value, json_type_string))
		return -ENOENT;
	for (int i = ONERROR_THROW; i <= ONERROR_EXIT; i++)
		if (strcmp(json_object_get_string(value), names[i]) == 0) {
			*ret = (enum onerror)i;
			return 0;
		}
	return -ENOENT;
}

int load_onerror(struct loader *l, struct json_object *document)
{
	struct json_object *value;

	if (!get(document, "onerror", &value))
		return 0;
	loader_enter(l, "onerror");
	if (find_onerror(value, &l->manifest->onerror) < 0)
		return loader_refuse(
			l,
			"ERR_MANIFEST_UNKNOWN_ONERROR: Manifest specified "
			"unknown error behavior %.80s, not \"throw\", \"log\" "
			"or \"exit\"",
			json_object_to_json_string(value));
	loader_leave(l);
	return 0;
}

static int load_cascade(struct loader *l, struct json_object *descriptor,
			bool *ret)
{
	struct json_object *value;

	*ret = false;
	if (!get(descriptor, "cascade", &value))
		return 0;
	loader_enter(l, "cascade");
	if (!json_object_is_type(value, json_type_boolean))
		return loader_refuse(l, BAD_FIELD "must be true or false");
	loader_leave(l);
	*ret = json_object_get_boolean(value);
	return 0;
}

static int parse_integrity(struct loader *l, const char *text,
			   struct resource *ret)
{
	struct integrity_error err;
	int r = integrity_parse(text, &ret->integrity, &err);

	if (r == -EINVAL)
		return loader_refuse(l,
				     "ERR_SRI_PARSE: Subresource Integrity "
				     "string \"%.80s%s\" had an unexpected "
				     "\"%s\" at position %zu",
				     text, strlen(text) > 80 ? "..." : "",
				     err.unexpected, err.position);
	if (r == 0 && ret->integrity.n_entries > 0)
		ret->kind = RESOURCE_HASHES;
	return r;
}

static int load_integrity(struct loader *l, struct json_object *value,
			  struct resource *ret)
{
	int r = 0;

	loader_enter(l, "integrity");
	if (json_object_is_type(value, json_type_string))
		r = parse_integrity(l, json_object_get_string(value), ret);
	else if (is_true(value))
		ret->kind = RESOURCE_ANY;
	else
		return loader_refuse(l, BAD_FIELD
				     "must be true or an integrity string");
	if (r == 0)
		loader_leave(l);
	return r;
}

int load_resource(struct loader *l, struct json_object *descriptor,
		  struct resource *ret)
{
	struct json_object *value;
	bool has_integrity = get(descriptor, "integrity", &value);
	int r = 0;

	ret->kind = RESOURCE_NOTHING;
	if (has_integrity)
		r = load_integrity(l, value, ret);
	if (r == 0)
		r = load_cascade(l, descriptor, &ret->cascades);
	if (r < 0)
		return r;
	if (ret->cascades && !has_integrity)
		ret->kind = RESOURCE_SCOPES;
	return depend_load(l, descriptor, &ret->dependencies);
}

int load_scope(struct loader *l, struct json_object *descriptor,
	       struct scope *ret)
{
	struct json_object *value;
	bool has_integrity = get(descriptor, "integrity", &value);
	int r;

	ret->kind = SCOPE_REFUSES;
	if (is_true(value)) {
		ret->kind = SCOPE_ACCEPTS;
	} else if (value) {
		loader_enter(l, "integrity");
		return loader_refuse(l, BAD_FIELD "must be true or null");
	}
	r = load_cascade(l, descriptor, &ret->cascades);
	if (r < 0)
		return r;
	/* Node.js refuses null; its documentation says: fail to match. */
	if (ret->cascades && !has_integrity)
		ret->kind = SCOPE_CASCADES;
	return depend_load(l, descriptor, &ret->dependencies);
}

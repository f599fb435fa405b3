/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the head of a script, compared with what the kernel's
 * load_script() makes of them, and as the argument of `env -S`.
 */
#include "common/cleanup.h"
#include "fuzz.h"
#include "supervise/shebang.h"

#define HEAD_SIZE 256

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *next_text(char *first, char *last)
{
	for (; first <= last; first++)
		if (!is_blank(*first))
			return first;
	return NULL;
}

static char *next_end(char *first, char *last)
{
	for (; first <= last; first++)
		if (is_blank(*first) || !*first)
			return first;
	return NULL;
}

/* fs/binfmt_script.c. Return: is there an interpreter? */
static bool load_script(char head[HEAD_SIZE], char **ret_name, char **ret_arg)
{
	char *buf_end = head + HEAD_SIZE - 1;
	char *end = memchr(head, '\n', strnlen(head, HEAD_SIZE));
	char *name, *separator, *arg = NULL;

	if (!end) {
		end = next_text(head + 2, buf_end);
		if (!end || !next_end(end, buf_end))
			return false;
		end = buf_end;
	}
	while (is_blank(end[-1]))
		end--;
	name = next_text(head + 2, end);
	if (!name || name == end)
		return false;
	separator = next_end(name, end);
	if (separator && *separator)
		arg = next_text(separator, end);
	*end = '\0';
	if (separator)
		*separator = '\0';
	*ret_name = name;
	*ret_arg = arg;
	return *name != '\0';
}

static void check_script(const uint8_t *data, size_t size, int got,
			 const struct image *image)
{
	char head[HEAD_SIZE] = "";
	char *name, *arg;

	memcpy(head, data, size < HEAD_SIZE ? size : HEAD_SIZE);
	if (!load_script(head, &name, &arg)) {
		FUZZ_CHECK(got < 0);
		return;
	}
	FUZZ_CHECK(got == 0 && image->kind == IMAGE_SCRIPT);
	FUZZ_CHECK(strcmp(image->interpreter, name) == 0);
	FUZZ_CHECK((arg && *arg) == (image->argument != NULL));
	FUZZ_CHECK(!image->argument || strcmp(image->argument, arg) == 0);
}

static void check_head(const uint8_t *data, size_t size)
{
	char path[FUZZ_PATH_SIZE];
	int fd = fuzz_file(data, size, path);
	struct image image;
	int r = shebang_read(path, &image);

	(void)close(fd);
	if (size >= 2 && memcmp(data, "#!", 2) == 0)
		check_script(data, size, r, &image);
	else
		FUZZ_CHECK(r < 0 || image.kind != IMAGE_SCRIPT);
	FUZZ_CHECK(r == 0 || r == -ENOEXEC);
	image_done(&image);
}

static void check_env(const uint8_t *data, size_t size)
{
	struct strings args = { 0 };
	struct env_call call;
	int r;

	if (strings_add(&args, "-S") < 0 ||
	    strings_add_n(&args, (const char *)data, size) < 0)
		abort();
	r = env_parse(&args, &call);
	FUZZ_CHECK(r == 0 || r == -ENOTSUP);
	for (size_t i = 0; r == 0 && i < call.set.n; i++)
		FUZZ_CHECK(strchr(call.set.items[i], '='));
	for (size_t i = 0; r == 0 && i < call.unset.n; i++)
		FUZZ_CHECK(!strchr(call.unset.items[i], '='));
	env_done(&call);
	strings_done(&args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_head(data, size);
	check_env(data, size);
	return 0;
}

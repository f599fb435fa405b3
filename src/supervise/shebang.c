/* SPDX-License-Identifier: Apache-2.0 */
/* The first line of a script, and the arguments of env(1). */
#include "supervise/shebang.h"

#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/cleanup.h"

#define HEAD_SIZE 256 /* BINPRM_BUF_SIZE: all the kernel looks at */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* "#! /usr/bin/env -S a b \n": see load_script() of the kernel. */
static int split_line(char *head, size_t len, struct image *ret)
{
	char *start = head + 2;
	char *end = memchr(head, '\n', strnlen(head, len));
	bool is_cut = !end && strnlen(head, len) >= HEAD_SIZE - 1;
	bool is_trimmed = end || is_cut;
	char *name_end;

	/* A line that is cut off must at least have its first word whole. */
	if (is_cut && !strpbrk(start + strspn(start, " \t"), " \t") &&
	    len == HEAD_SIZE && head[HEAD_SIZE - 1])
		return -ENOEXEC;
	if (!end)
		end = head + strnlen(head, is_cut ? HEAD_SIZE - 1 : len);
	while (is_trimmed && end > start && is_blank(end[-1]))
		end--;
	*end = '\0';
	while (is_blank(*start))
		start++;
	if (*start == '\0')
		return -ENOEXEC;
	name_end = start + strcspn(start, " \t");
	ret->interpreter = strndup(start, (size_t)(name_end - start));
	if (!ret->interpreter)
		return -ENOMEM;
	while (is_blank(*name_end))
		name_end++;
	if (*name_end == '\0')
		return 0;
	ret->argument = strdup(name_end);
	return ret->argument ? 0 : -ENOMEM;
}

/* The filter lets no other architecture make a system call. */
static int check_elf(const char *head, size_t len)
{
	Elf64_Ehdr header;

	if (len < sizeof(header))
		return -ENOEXEC;
	memcpy(&header, head, sizeof(header));
	if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_machine != EM_X86_64 ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		return -ENOEXEC;
	return 0;
}

int shebang_read(const char *path, struct image *ret)
{
	_cleanup_close_ int fd = -1;
	char head[HEAD_SIZE + 1];
	const char *end;
	ssize_t n;

	*ret = (struct image){ .kind = IMAGE_TEXT };
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	n = read(fd, head, HEAD_SIZE);
	if (n < 0)
		return -errno;
	head[n] = '\0';
	if (n >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0) {
		ret->kind = IMAGE_ELF;
		return check_elf(head, (size_t)n);
	}
	if (n >= 2 && head[0] == '#' && head[1] == '!') {
		ret->kind = IMAGE_SCRIPT;
		return split_line(head, (size_t)n, ret);
	}
	/* Shells refuse what looks binary; a newline must come before a NUL. */
	end = memchr(head, '\n', (size_t)n);
	return memchr(head, '\0', end ? (size_t)(end - head) : (size_t)n) ?
		       -ENOEXEC :
		       0;
}

void image_done(struct image *image)
{
	free(image->interpreter);
	free(image->argument);
	*image = (struct image){ 0 };
}

/* One character behind a backslash in -S; -1: not a character. */
static int unescape(char c, bool is_quoted)
{
	static const char from[] = "fnrtv_#$\"'\\";
	static const char to[] = "\f\n\r\t\v #$\"'\\";
	const char *at = strchr(from, c);

	if (c == '\0' || !at)
		return -1;
	/* Outside double quotes it separates: rare, and left to env. */
	if (c == '_' && !is_quoted)
		return -1;
	return (unsigned char)to[at - from];
}

/* Reads one word of -S text into @word. Return: 0, 1: no more, -ENOTSUP. */
static int next_word(const char **text, char *word)
{
	const char *s = *text + strspn(*text, " \t\n\v\f\r");
	char quote = '\0';

	if (*s == '\0' || *s == '#')
		return 1;
	for (; *s != '\0'; s++) {
		int c = (unsigned char)*s;

		if (*s == quote || (!quote && strchr("'\"", *s))) {
			quote = (char)(quote ? '\0' : *s);
			continue;
		}
		if (!quote && strchr(" \t\n\v\f\r", *s))
			break;
		if (*s == '$' && quote != '\'')
			return -ENOTSUP;
		if (*s == '\\' && quote == '\'' && !strchr("'\\", s[1])) {
			*word++ = *s;
			continue;
		}
		if (*s == '\\') {
			c = unescape(*++s, quote == '"');
			if (c < 0)
				return -ENOTSUP;
		}
		*word++ = (char)c;
	}
	if (quote)
		return -ENOTSUP;
	*word = '\0';
	*text = s;
	return 0;
}

static int split_string(const char *text, struct strings *ret)
{
	_cleanup_free_ char *word = malloc(strlen(text) + 1);
	int r = word ? 0 : -ENOMEM;

	while (r == 0) {
		r = next_word(&text, word);
		if (r == 0)
			r = strings_add(ret, word);
	}
	return r < 0 ? r : 0;
}

/* The value of option @name in @word or the next one; NULL: another option. */
static const char *value_of(const struct strings *words, size_t *i,
			    const char *name, const char *long_name)
{
	const char *word = words->items[*i];
	size_t n = strlen(long_name);

	if (strncmp(word, name, 2) == 0)
		word += 2;
	else if (strncmp(word, long_name, n) == 0 && word[n] == '=')
		return word + n + 1;
	else if (strcmp(word, long_name) == 0)
		word += n;
	else
		return NULL;
	if (*word != '\0')
		return word;
	if (*i + 1 >= words->n)
		return NULL;
	word = words->items[++*i];
	assert(word);
	return word;
}

static int add_rest(const struct strings *from, size_t i, struct strings *to)
{
	int r = 0;

	for (; r == 0 && i < from->n; i++)
		r = strings_add(to, from->items[i]);
	return r;
}

/* Puts the words of -S in the place of it. */
static int replace_words(struct strings *words, const char *text, size_t rest)
{
	struct strings replaced = { 0 };
	int r = split_string(text, &replaced);

	if (r == 0)
		r = add_rest(words, rest, &replaced);
	if (r < 0) {
		strings_done(&replaced);
		return r;
	}
	strings_done(words);
	*words = replaced;
	return 0;
}

/* Return: 1: taken, 0: not an option, or an error. */
static int take_option(struct strings *words, size_t *i, struct env_call *ret)
{
	const char *word = words->items[*i];
	const char *value;
	int r;

	if (strcmp(word, "-") == 0 || strcmp(word, "-i") == 0 ||
	    strcmp(word, "--ignore-environment") == 0) {
		ret->clear = true;
		return 1;
	}
	if (word[0] != '-')
		return 0;
	value = value_of(words, i, "-u", "--unset");
	if (value) {
		/* No name of a variable: env(1) would end there. */
		if (*value == '\0' || strchr(value, '='))
			return -ENOTSUP;
		r = strings_add(&ret->unset, value);
		return r < 0 ? r : 1;
	}
	value = value_of(words, i, "-S", "--split-string");
	if (!value)
		return -ENOTSUP;
	r = replace_words(words, value, *i + 1);
	*i = (size_t)-1; /* the loop goes on with the first new word */
	return r < 0 ? r : 1;
}

int env_parse(const struct strings *args, struct env_call *ret)
{
	struct strings words = { 0 };
	size_t i;
	int r;

	*ret = (struct env_call){ 0 };
	r = add_rest(args, 0, &words);
	for (i = 0; r == 0 && i < words.n; i++) {
		if (strcmp(words.items[i], "--") == 0) {
			i++;
			break;
		}
		r = take_option(&words, &i, ret);
		if (r <= 0)
			break;
		r = 0;
	}
	for (; r == 0 && i < words.n && strchr(words.items[i], '='); i++)
		r = strings_add(&ret->set, words.items[i]);
	if (r == 0)
		r = add_rest(&words, i, &ret->words);
	strings_done(&words);
	return r;
}

void env_done(struct env_call *call)
{
	strings_done(&call->set);
	strings_done(&call->unset);
	strings_done(&call->words);
	*call = (struct env_call){ 0 };
}

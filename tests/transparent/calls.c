/* SPDX-License-Identifier: Apache-2.0 */
/* One call of the table, made and described. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "transparent.h"

#define FILLER 0xa5

struct raw {
	long number, args[6];
};

static long call_raw(const struct raw *raw)
{
	return syscall(raw->number, raw->args[0], raw->args[1], raw->args[2],
		       raw->args[3], raw->args[4], raw->args[5]);
}

static const char *shown_statx(void)
{
	static char text[160];
	struct statx st;

	memcpy(&st, call_buffer, sizeof(st));
	(void)snprintf(
		text, sizeof(text),
		"mask %x attributes %llx of %llx %06o links %u %u:%u size %llu",
		st.stx_mask, st.stx_attributes, st.stx_attributes_mask,
		st.stx_mode, st.stx_nlink, st.stx_uid, st.stx_gid,
		S_ISDIR(st.stx_mode) ? 0 : st.stx_size);
	return text;
}

static const char *shown_statfs(void)
{
	static char text[100];
	struct statfs fs;

	memcpy(&fs, call_buffer, sizeof(fs));
	(void)snprintf(text, sizeof(text),
		       "type %lx block %ld name %ld flags %lx", (long)fs.f_type,
		       (long)fs.f_bsize, (long)fs.f_namelen, (long)fs.f_flags);
	return text;
}

static const char *shown_bytes(long n)
{
	static char text[600];
	size_t touched = CALL_BUFFER;

	while (touched > 0 && call_buffer[touched - 1] == FILLER)
		touched--;
	(void)snprintf(text, sizeof(text), "%ld, wrote %zu:", n, touched);
	for (size_t i = 0; i < touched && i < 100; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       call_buffer[i] > ' ' && call_buffer[i] < 127 ?
				       "%c" :
				       "\\%o",
			       call_buffer[i]);
	return placeless(text);
}

static const char *shown_stat(void)
{
	struct stat st;

	memcpy(&st, call_buffer, sizeof(st));
	return describe_stat(&st);
}

static const char *shown_cwd(void)
{
	static char path[LONG_PATH];
	static const char *ret;

	ret = getcwd(path, sizeof(path)) ? placeless(path) : shown(-1);
	if (chdir(fixture_path) < 0)
		return "no way back";
	return ret;
}

/* The memory was the given one, and the call filled it. */
static const char *shown_result(enum result result, long r, bool is_read)
{
	if (result == R_OPEN)
		return describe_fd((int)r);
	if (result == R_CHDIR && r == 0)
		return shown_cwd();
	if (r < 0 || !is_read)
		return shown(r);
	if (result == R_STAT)
		return shown_stat();
	if (result == R_STATX)
		return shown_statx();
	if (result == R_STATFS)
		return shown_statfs();
	return result == R_BYTES ? shown_bytes(r) : shown(r);
}

static void exec_raw(void *data)
{
	long r = call_raw(data);

	_exit(r < 0 ? errno : 99);
}

/* Descriptors of its own, so that each attempt is the first. */
static int open_argument(enum kind kind)
{
	if (kind == K_FD)
		return open("file", O_RDWR | O_CLOEXEC);
	return kind == K_INOTIFY ? inotify_init1(IN_CLOEXEC) : -1;
}

/* A FIFO is not waited for here: run_fifos(). */
static void be_quick(const struct path_call *call, struct raw *raw)
{
	for (int i = 0; i < 6; i++)
		if (call->result == R_OPEN && call->args[i].kind == K_FLAGS)
			raw->args[i] |= O_NONBLOCK;
	if (call->number == SYS_creat) { /* has no flags */
		raw->number = SYS_open;
		raw->args[2] = raw->args[1];
		raw->args[1] = O_CREAT | O_WRONLY | O_TRUNC | O_NONBLOCK;
	}
}

/* One of shapes.c: an address that can be read. */
static bool is_shape(const char *path)
{
	return (path >= shapes[0].path && path < shapes[n_shapes].path) ||
	       (path >= limits[0].path && path < limits[n_limits].path);
}

static bool names_fifo(const struct path_call *call, const struct raw *raw)
{
	struct stat st;

	for (int i = 0; i < 6; i++)
		if (call->args[i].kind == K_PATH &&
		    is_shape((const char *)raw->args[i]) &&
		    stat((const char *)raw->args[i], &st) == 0 &&
		    S_ISFIFO(st.st_mode))
			return true;
	return false;
}

/* What would be changed lies in the fixture; a bad address names nothing. */
static bool is_safe(const struct path_call *call, const struct raw *raw)
{
	if (!call->changes)
		return true;
	for (int i = 0; i < 6; i++)
		if (call->args[i].kind == K_PATH &&
		    raw->args[i] != call->args[i].value &&
		    is_shape((const char *)raw->args[i]) &&
		    !is_ours((const char *)raw->args[i]))
			return false;
	return true;
}

void attempt(const struct path_call *call, const char *label, int i, long value,
	     int j, long other)
{
	struct raw raw = { .number = call->number };
	const char *result, *changes = "=";
	bool is_read = true;
	char id[256];
	int fd = -1;
	long r;

	for (int k = 0; k < 6; k++) {
		raw.args[k] = call->args[k].value;
		if (k != i && k != j &&
		    (fd < 0 && (fd = open_argument(call->args[k].kind)) >= 0))
			raw.args[k] = fd;
	}
	if (i >= 0)
		raw.args[i] = value;
	if (j >= 0)
		raw.args[j] = other;
	for (int k = 0; k < 6; k++)
		if (call->args[k].kind == K_OUT)
			is_read = raw.args[k] == (long)call_buffer;
	if (call->result == R_OPEN && names_fifo(call, &raw))
		be_quick(call, &raw);
	(void)snprintf(id, sizeof(id), "%s: %s", call->name, label);
	if (!is_safe(call, &raw)) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	memset(call_buffer, FILLER, CALL_BUFFER);
	errno = 0;
	if (call->result == R_EXEC) {
		r = 0;
		result = forked(exec_raw, &raw);
	} else {
		/* The kernel counts links twice when it has to look again. */
		for (int try = 0; try < 4; try++) {
			r = call_raw(&raw);
			if (r >= 0 || errno != ELOOP)
				break;
		}
		result = shown_result(call->result, r, is_read);
	}
	if (fd >= 0)
		(void)close(fd);
	if (call->changes)
		changes = r >= 0 ? fixture_changes() : fixture_noticed();
	outcome(id, "%s %s", result, changes);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/TID/status of a thread that has chosen its name and umask to mislead
 * who reads it.
 *
 * Input: a byte for the umask, then the name.
 */
#include <sys/prctl.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "supervise/proc_place.h"
#include "supervise/target.h"

/* As proc(5) has it: a newline and a backslash are escaped. */
static void escape(char *ret, size_t size, const char *name)
{
	size_t n = 0;

	for (; *name && n + 3 < 2 * size; name++) {
		if (*name == '\n' || *name == '\\')
			ret[n++] = '\\';
		ret[n++] = *name == '\n' ? 'n' : *name;
	}
	ret[n < size ? n : size - 1] = '\0';
}

/* The same bytes as a path beneath /proc. */
static void check_place(const char *text)
{
	struct proc_place got;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%s", text);
	if (!proc_place_parse(path, &got))
		return;
	FUZZ_CHECK(got.pid > 0 && got.tid > 0);
	FUZZ_CHECK(strlen(got.directory) < sizeof(got.directory) &&
		   !strchr(got.directory, '/'));
	(void)proc_place_is_magic(&got, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int proc_fd = -1;
	struct fuzz_input in = { data, size };
	mode_t mask = fuzz_byte(&in) % 64 * 8;
	char name[16] = "", expected[64], before[16];
	struct target_status status;

	if (proc_fd < 0)
		proc_fd = procfs_open();
	memcpy(name, in.data, in.size < 15 ? in.size : 15);
	if (prctl(PR_GET_NAME, before) < 0 || prctl(PR_SET_NAME, name) < 0)
		abort();
	(void)umask(mask);
	FUZZ_CHECK(target_status(proc_fd, gettid(), &status) == 0);
	(void)umask(022);
	(void)prctl(PR_SET_NAME, before);
	escape(expected, sizeof(status.comm), name);
	FUZZ_CHECK(status.tgid == getpid() && status.ppid == getppid() &&
		   status.umask == mask);
	FUZZ_CHECK(strcmp(status.comm, expected) == 0);
	check_place(name);
	return 0;
}

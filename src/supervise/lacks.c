/* SPDX-License-Identifier: Apache-2.0 */
/* What this kernel or place lacks, and what is lost by that. */
#include "supervise/lacks.h"

/* Landlock's, by the first ABI that has it: see landlock(7). */
static const struct {
	unsigned since_abi;
	unsigned from_abi; /* with an older one the first line says more */
	const char *name;
	const char *lost;
	const char *lost_alone; /* where no supervisor helps */
} rows[] = {
	{ 1, 0, "landlock",
	  "the kernel refuses no file by itself, so the supervisor opens each of them; a thread that changes the path while execve is decided can run any program",
	  "the kernel refuses no file" },
	{ 2, 1, "moving",
	  "files cannot be moved or linked from one directory to another",
	  "files cannot be moved or linked from one directory to another" },
	{ 3, 1, "truncation",
	  "the kernel lets files be emptied, so the supervisor opens each of them",
	  "every file that this user may write can be emptied" },
	{ 4, 0, "tcp",
	  "a TCP socket that is passed on can be connected anywhere",
	  "a TCP socket that is passed on can be connected anywhere" },
	{ 5, 0, "device-ioctls",
	  "whatever a device can do can be asked of one that is open",
	  "whatever a device can do can be asked of one that is open" },
	{ 6, 0, "signals",
	  "the command can signal every process of this user, this one included; what it leaves behind is looked for among our descendants, and what forks fast may escape",
	  "the command can signal every process of this user" },
	{ 6, 0, "abstract-sockets",
	  "a unix socket that is passed on reaches abstract sockets outside",
	  "a unix socket that is passed on reaches abstract sockets outside" },
};

size_t lacks_list(const struct lacks *lacks, bool alone,
		  struct lack ret[LACKS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (lacks->landlock_abi < rows[i].since_abi &&
		    lacks->landlock_abi >= rows[i].from_abi)
			ret[n++] = (struct lack){ rows[i].name,
						  alone ? rows[i].lost_alone :
							  rows[i].lost };
	if (lacks->no_killable && !alone)
		ret[n++] = (struct lack){
			"wait-killable",
			"a signal can repeat a call that was carried out"
		};
	return n;
}

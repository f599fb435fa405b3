/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue: attacks that anybody can run against any sandbox. Each is a
 * row; catalogue.py makes a world around it, runs the row without a sandbox,
 * where it must succeed, then in one, and judges both from outside.
 *
 * The world, told to a row by the file "world" in the directory it may read:
 *   read      directory that it may read. In it: "file" (nothing secret),
 *             "sub/", "program" (the catalogue itself)
 *   write     directory that it may read and write; empty at the start
 *   secret    directory that it may not touch at all. In it: "file" (the
 *             secret), "sub/file", "program" (prints the secret when it runs),
 *             "script" (the same, #!/bin/sh), "fifo", "link" -> "file",
 *             "dir/" (empty). Secret is also: when "file" was changed, the
 *             value of its attribute "user.secret" and the name of another,
 *             where "pointer" (a symlink) leads, and the name of a file in
 *             "names/", which is opened again and again from outside
 *   stream, datagram             paths of unix sockets of a server outside
 *   abstract                     the name of two more, without the NUL in front:
 *                                one for streams, one for datagrams
 *   tcp, udp                     its ports on 127.0.0.1 (tcp also on ::1)
 *   victim                       the pid of a process outside, of the same
 *                                user; its memory has the secret
 *   address                      where, a decimal number
 *   harness                      the pid of who judges, and may be the parent:
 *                                not to be touched
 *   shm, msg, sem                System V identifiers outside; the secret is
 *                                in the segment and in the queue
 *   key                          the name of a key in the user's keyring; it
 *                                holds the secret
 * And whoever starts it has left a descriptor of the secret file open.
 *
 * An attack has succeeded when the secret is in what the row gave to loot()
 * (for the time: "changed at SECONDS.NANOSECONDS", nine digits) or what it left
 * in "write", when anything beneath "read" or "secret" is another than
 * before (bytes, names, mode, owner, times, extended attributes), when the
 * victim or a server was reached (bytes, a connection, a signal, other limits),
 * or when the mounts or the host name have changed.
 */
#ifndef TESTS_ATTACK_CATALOGUE_H
#define TESTS_ATTACK_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

/* Who can try it; nothing: everybody. */
#define ONLY_ROOT 1u /* it needs a privilege to succeed without a sandbox */
#define ONLY_USER 2u

struct attack {
	const char
		*id; /* as in doc/ATTACKS.md; variants have a letter: "T046b" */
	const char *what; /* what is tried, in a few words */
	/*
	 * The promise that it tries to break: files, metadata, network, sockets,
	 * processes, programs, ipc, kernel.
	 */
	const char *against;
	/*
	 * What a sandbox that can be told so allows beside "read" and "write":
	 * words of "child", "worker", "net", "metadata"; NULL: nothing.
	 */
	const char *allowed;
	unsigned int who;
	void (*run)(void);
};

/* Tables end with a row whose id is NULL. */
extern const struct attack protocol_attacks[]; /* A */
extern const struct attack change_attacks[]; /* A, what changes files */
extern const struct attack memory_attacks[]; /* B */
extern const struct attack number_attacks[]; /* B, numbers and threads */
extern const struct attack path_attacks[]; /* C */
extern const struct attack path_names_attacks[]; /* C, names */
extern const struct attack path_races_attacks[]; /* C, T048 */
extern const struct attack landlock_attacks[]; /* D */
extern const struct attack landlock_change_attacks[]; /* D, changes */
extern const struct attack landlock_kernel_attacks[]; /* D, what is no file */
extern const struct attack ipc_attacks[]; /* D, what has a number */
extern const struct attack ring_attacks[]; /* D, T101 */
extern const struct attack descriptor_attacks[]; /* E */
extern const struct attack program_attacks[]; /* F */
extern const struct attack network_attacks[]; /* H */
extern const struct attack network_unix_attacks[]; /* H, unix sockets */
extern const struct attack supervisor_attacks[]; /* I */
extern const struct attack reach_attacks[]; /* I, memory and signals */
extern const struct attack filter_attacks[]; /* J */
extern const struct attack privilege_attacks[]; /* K, L */

/* What the world says of @key; ends the program where it does not. */
const char *world(const char *key);
int world_number(const char *key);

/* A path in one of the directories; of a few static buffers, used in turn. */
const char *in_read(const char *name);
const char *in_write(const char *name);
const char *in_secret(const char *name);

/* What the attack got. */
void loot(const void *bytes, size_t n);
/* All that can be read from @fd, which is closed; -1 is nothing. */
void loot_fd(int fd);

/* A line for who reads the report: what the sandbox answered (errno and all). */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* This kernel or machine cannot show the attack, whatever the sandbox. */
_Noreturn void cannot_show(const char *why);

/*
 * Whether a race goes on: until @rounds, or for as many seconds as "race" in
 * the world says, at most 10. @i is the round.
 */
bool race_goes_on(int i, int rounds);

#endif

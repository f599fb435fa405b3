// SPDX-License-Identifier: Apache-2.0
/* What is found by a number or a key, or comes with the start. */
#include <errno.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define MAX_FD 1024

static void segment(void)
{
	const char *bytes = shmat(world_number("shm"), NULL, SHM_RDONLY);

	if (said("shmat", bytes == (void *)-1 ? -1 : 0) == 0)
		loot(bytes, strlen(bytes));
}

static void segment_changed(void)
{
	char *bytes = shmat(world_number("shm"), NULL, 0);

	if (said("shmat", bytes == (void *)-1 ? -1 : 0) == 0)
		bytes[0] = 'X';
}

static void segment_removed(void)
{
	(void)said("shmctl", shmctl(world_number("shm"), IPC_RMID, NULL));
}

static void segment_mode(void)
{
	struct shmid_ds ds = {
		.shm_perm = { .uid = geteuid(), .gid = getegid(), .mode = 0666 }
	};

	(void)said("shmctl", shmctl(world_number("shm"), IPC_SET, &ds));
}

static void queue(void)
{
	struct {
		long type;
		char bytes[256];
	} message = { 0 };
	long n = said("msgrcv", msgrcv(world_number("msg"), &message,
				       sizeof(message.bytes), 0, IPC_NOWAIT));

	if (n > 0)
		loot(message.bytes, (size_t)n);
}

static void queue_sent(void)
{
	struct {
		long type;
		char bytes[4];
	} message = { 1, "abc" };

	(void)said("msgsnd", msgsnd(world_number("msg"), &message,
				    sizeof(message.bytes), IPC_NOWAIT));
}

static void queue_removed(void)
{
	(void)said("msgctl", msgctl(world_number("msg"), IPC_RMID, NULL));
}

static void semaphore(void)
{
	struct sembuf up = { .sem_op = 1, .sem_flg = IPC_NOWAIT };

	(void)said("semop", semop(world_number("sem"), &up, 1));
}

static void semaphore_timed(void)
{
	struct sembuf up = { .sem_op = 1 };
	struct timespec second = { .tv_sec = 1 };

	(void)said("semtimedop",
		   semtimedop(world_number("sem"), &up, 1, &second));
}

static void semaphore_set(void)
{
	(void)said("semctl", semctl(world_number("sem"), 0, SETVAL, 7));
}

/* The victim has the secret as a key in the keyring of its user. */
static void key(void)
{
	char bytes[256];
	long id = said("keyctl",
		       syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING,
			       "user", world("key"), 0));
	long n = said("keyctl", syscall(SYS_keyctl, KEYCTL_READ, id, bytes,
					sizeof(bytes)));

	if (n > 0)
		loot(bytes, (size_t)n);
}

static void key_requested(void)
{
	char bytes[256];
	long id = said("request_key",
		       syscall(SYS_request_key, "user", world("key"), NULL, 0));
	long n = said("keyctl", syscall(SYS_keyctl, KEYCTL_READ, id, bytes,
					sizeof(bytes)));

	if (n > 0)
		loot(bytes, (size_t)n);
}

/* Whoever started the sandbox has the file open, and did not close it. */
static void inherited(void)
{
	for (int fd = STDERR_FILENO + 1; fd < MAX_FD; fd++) {
		char bytes[256];
		ssize_t n = pread(fd, bytes, sizeof(bytes), 0);

		if (n > 0)
			loot(bytes, (size_t)n);
	}
}

#define IPC "ipc", NULL, 0

const struct attack ipc_attacks[] = {
	{ "T098", "a descriptor that was open before", "files", NULL, 0,
	  inherited },
	{ "T099", "a shared segment read", IPC, segment },
	{ "T099b", "a shared segment changed", IPC, segment_changed },
	{ "T099c", "a shared segment removed", IPC, segment_removed },
	{ "T099d", "a shared segment opened to others", IPC, segment_mode },
	{ "T099e", "a message taken", IPC, queue },
	{ "T099f", "a message sent", IPC, queue_sent },
	{ "T099g", "a queue removed", IPC, queue_removed },
	{ "T099h", "a semaphore raised", IPC, semaphore },
	{ "T099i", "the same by semtimedop", IPC, semaphore_timed },
	{ "T099j", "a semaphore set", IPC, semaphore_set },
	{ "T100", "a key of the user", IPC, key },
	{ "T100b", "a key, requested", IPC, key_requested },
	{ 0 },
};

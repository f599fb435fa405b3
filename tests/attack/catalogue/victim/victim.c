// SPDX-License-Identifier: Apache-2.0
/*
 * victim DIRECTORY: the process outside of the sandbox. It keeps a secret in
 * its memory, in a System V segment and in a queue, listens on every kind of
 * socket and says what reached it.
 *
 * It starts by printing "key=value" for what the world tells, then "end".
 *   secret WORD   the secret is now WORD; prints "end"
 *   open PATH     from now on PATH is opened again and again; prints "end"
 *   report        prints a line for all that happened since, then "end"
 * When its input ends it removes what is in System V and ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define SECRET_SIZE 64
#define KEY_FOR_USER 0x3f3f0000 /* all that it may be asked for */
#define KEY_SECONDS 300
#define MAX_EVENTS 100
#define MAX_SERVERS 8
#define MAX_PORTS 100
#define OPEN_EVERY_MS 50

struct message {
	long type;
	char text[SECRET_SIZE];
};

static struct server {
	const char *name;
	int fd;
	int type;
} servers[MAX_SERVERS];
static int n_servers;

static char memory[SECRET_SIZE];
/* What memory[] should be, so that no search of our memory finds it here. */
static char inverse[SECRET_SIZE];
static int shm, msg, sem;
static char key[64];
static int n_events;
static char opened[4096];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* A flood must not fill the pipe: nobody reads it before the attack ends. */
static void event(const char *format, ...)
{
	va_list arguments;

	if (n_events++ >= MAX_EVENTS)
		return;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void end(void)
{
	puts("end");
	fflush(stdout);
}

static int try_to_serve(const char *name, int type, const void *address,
			socklen_t size)
{
	const struct sockaddr *to = address;
	int fd = socket(to->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		die(name);
	if (bind(fd, to, size) != 0 ||
	    (type == SOCK_STREAM && listen(fd, 64) != 0)) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	servers[n_servers++] = (struct server){ name, fd, type };
	return 0;
}

static void serve(const char *name, int type, const void *address,
		  socklen_t size)
{
	int r = try_to_serve(name, type, address, size);

	if (r == 0)
		return;
	errno = -r;
	die(name);
}

static void serve_unix(const char *name, int type, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(path);

	if (n >= sizeof(address.sun_path))
		die(path);
	memcpy(address.sun_path, path, n);
	/* '@' is the NUL that an abstract name starts with. */
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	serve(name, type, &address,
	      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
}

/* The port of the last server. */
static int port(void)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);

	if (getsockname(servers[n_servers - 1].fd, (void *)&address, &size))
		die("getsockname");
	/* At the same place for both families. */
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

/* One port of both families: somebody else may have it in one of them. */
static void serve_tcp(const struct sockaddr_in *v4)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int r;

	for (int i = 0; i < MAX_PORTS; i++) {
		serve("tcp", SOCK_STREAM, v4, sizeof(*v4));
		v6.sin6_port = htons((unsigned short)port());
		r = try_to_serve("tcp on ::1", SOCK_STREAM, &v6, sizeof(v6));
		if (r == 0)
			return;
		(void)close(servers[--n_servers].fd);
	}
	errno = -r;
	die("tcp on ::1");
}

static void serve_all(const char *directory)
{
	const struct sockaddr_in v4 = {
		.sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) }
	};
	char name[128];

	snprintf(name, sizeof(name), "%s/stream", directory);
	serve_unix("stream", SOCK_STREAM, name);
	printf("stream=%s\n", name);
	snprintf(name, sizeof(name), "%s/datagram", directory);
	serve_unix("datagram", SOCK_DGRAM, name);
	printf("datagram=%s\n", name);
	/* Names of two types do not meet. */
	snprintf(name, sizeof(name), "@nssupervise-attack-%d", getpid());
	serve_unix("abstract", SOCK_STREAM, name);
	serve_unix("abstract datagram", SOCK_DGRAM, name);
	printf("abstract=%s\n", name + 1);
	serve_tcp(&v4);
	printf("tcp=%d\n", port());
	serve("udp", SOCK_DGRAM, &v4, sizeof(v4));
	printf("udp=%d\n", port());
}

static void keep_in_system_v(void)
{
	shm = shmget(IPC_PRIVATE, SECRET_SIZE, IPC_CREAT | 0600);
	msg = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	sem = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	if (shm < 0 || msg < 0 || sem < 0)
		die("System V");
	printf("shm=%d\nmsg=%d\nsem=%d\n", shm, msg, sem);
	snprintf(key, sizeof(key), "nssupervise-attack-%d", getpid());
	printf("key=%s\n", key);
}

/* In the keyring that all of the user's processes have, for a while. */
static void set_key(void)
{
	long id = syscall(SYS_add_key, "user", key, memory, SECRET_SIZE,
			  KEY_SPEC_USER_KEYRING);

	(void)syscall(SYS_keyctl, KEYCTL_SETPERM, id, KEY_FOR_USER);
	(void)syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, id, KEY_SECONDS);
}

static void forget(void)
{
	long id = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING,
			  "user", key, 0);

	(void)syscall(SYS_keyctl, KEYCTL_UNLINK, id, KEY_SPEC_USER_KEYRING);
	(void)shmctl(shm, IPC_RMID, NULL);
	(void)msgctl(msg, IPC_RMID, NULL);
	(void)semctl(sem, 0, IPC_RMID);
}

static void set_secret(const char *secret)
{
	struct message message = { .type = 1 };
	char *segment = shmat(shm, NULL, 0);

	for (size_t i = 0; i < SECRET_SIZE; i++) {
		memory[i] = i < strlen(secret) ? secret[i] : '\0';
		inverse[i] = (char)~memory[i];
	}
	while (msgrcv(msg, &message, SECRET_SIZE, 0, IPC_NOWAIT) >= 0)
		;
	message.type = 1;
	memcpy(message.text, memory, SECRET_SIZE);
	if (segment == (void *)-1 ||
	    msgsnd(msg, &message, SECRET_SIZE, IPC_NOWAIT) != 0 ||
	    semctl(sem, 0, SETVAL, 1) != 0)
		die("System V");
	set_key();
	memcpy(segment, memory, SECRET_SIZE);
	(void)shmdt(segment);
}

static void look_at_system_v(void)
{
	struct shmid_ds shm_state;
	struct msqid_ds msg_state;
	char *segment;

	if (shmctl(shm, IPC_STAT, &shm_state) != 0 ||
	    shm_state.shm_perm.mode != 0600)
		event("the segment is another");
	segment = shmat(shm, NULL, SHM_RDONLY);
	if (segment == (void *)-1 || memcmp(segment, memory, SECRET_SIZE) != 0)
		event("the segment has changed");
	if (segment != (void *)-1)
		(void)shmdt(segment);
	if (msgctl(msg, IPC_STAT, &msg_state) != 0 || msg_state.msg_qnum != 1 ||
	    msg_state.msg_perm.mode != 0600)
		event("the queue is another");
	if (semctl(sem, 0, GETVAL) != 1)
		event("the semaphore is another");
}

static void look_at_memory(void)
{
	for (size_t i = 0; i < SECRET_SIZE; i++) {
		if ((char)~inverse[i] == memory[i])
			continue;
		event("its memory has changed");
		return;
	}
}

static void take(const struct server *server)
{
	char bytes[256];
	int fd;

	if (server->type == SOCK_STREAM) {
		fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return;
		event("a connection to %s", server->name);
		close(fd);
		return;
	}
	if (recv(server->fd, bytes, sizeof(bytes), MSG_DONTWAIT) >= 0)
		event("a datagram to %s", server->name);
}

static void take_signal(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) == sizeof(info))
		event("signal %u", info.ssi_signo);
}

/* For who would watch it. */
static void open_it(void)
{
	int fd = open(opened, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		close(fd);
}

/* Whether a command waits; what happened before it has been taken then. */
static int command_waits(int signals)
{
	struct pollfd polls[MAX_SERVERS + 2] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int any = 0;

	for (int i = 0; i < n_servers; i++)
		polls[i + 2] = (struct pollfd){ servers[i].fd, POLLIN, 0 };
	if (poll(polls, (nfds_t)n_servers + 2, OPEN_EVERY_MS) < 0)
		return 0;
	open_it();
	if (polls[1].revents) {
		take_signal(signals);
		any = 1;
	}
	for (int i = 0; i < n_servers; i++) {
		if (!polls[i + 2].revents)
			continue;
		take(&servers[i]);
		any = 1;
	}
	return !any && polls[0].revents;
}

static void command(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "secret ", 7) == 0) {
		set_secret(line + 7);
		n_events = 0;
		end();
	} else if (strncmp(line, "open ", 5) == 0) {
		snprintf(opened, sizeof(opened), "%s", line + 5);
		end();
	} else if (strcmp(line, "report") == 0) {
		look_at_system_v();
		look_at_memory();
		n_events = 0;
		end();
	}
}

int main(int argc, char *argv[])
{
	char line[4096 + 8];
	sigset_t all;
	int signals;

	if (argc != 2)
		return 2;
	/* Read by bytes: what poll() says is then true of what is left. */
	setvbuf(stdin, NULL, _IONBF, 0);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		die("signalfd");
	serve_all(argv[1]);
	keep_in_system_v();
	printf("victim=%d\naddress=%zu\n", getpid(), (size_t)memory);
	end();
	for (;;) {
		if (!command_waits(signals))
			continue;
		if (!fgets(line, sizeof(line), stdin))
			break;
		command(line);
	}
	forget();
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a domain keeps in besides files: signals, abstract sockets, TCP. */
#include "supervise/ruleset.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static int abi;
static pid_t own_pid;

/* The exit status of @body in a child that is in a domain without rules. */
static int inside(unsigned flags, int (*body)(void))
{
	int status, fd;
	pid_t pid = fork();

	if (pid == 0) {
		if (ruleset_create(NULL, 0, flags, &fd) < 0 ||
		    ruleset_enforce(fd) != 0)
			_exit(255);
		_exit(body());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int try_signal(void)
{
	return kill(getppid(), 0) < 0 ? errno : 0;
}

static void abstract_name(struct sockaddr_un *address)
{
	(void)snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1,
		       "test-ruleset-scopes-%d", own_pid);
}

static int try_abstract(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	abstract_name(&address);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ?
		       errno :
		       0;
}

static int listen_abstract(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	abstract_name(&address);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 8) < 0)
		abort();
	return fd;
}

static void scopes_end_at_the_domain(void)
{
	const unsigned scopes = RULESET_SCOPES;
	int fd = listen_abstract();

	is_int(inside(0, try_signal), 0, "signals without the scope");
	is_int(inside(0, try_abstract), 0, "sockets without the scope");
	if (abi < 6) {
		skip("scopes want ABI 6");
	} else {
		is_int(inside(scopes, try_signal), EPERM,
		       "no signal leaves the scope");
		is_int(inside(scopes, try_abstract), EPERM,
		       "no connection leaves the scope");
	}
	(void)close(fd);
}

/* Port 9 of this host: nobody listens there. */
static int try_tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(9),
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ?
		       errno :
		       0;
}

static void net_is_denied_on_demand(void)
{
	if (abi < 4) {
		skip("TCP wants ABI 4");
		return;
	}
	is_int(inside(RULESET_DENY_NET, try_tcp), EACCES, "TCP is denied");
	ok(inside(0, try_tcp) != EACCES, "TCP is left alone");
}

int main(void)
{
	abi = landlock_abi();
	if (abi < 1) {
		skip_all("this kernel has no Landlock");
		return done();
	}
	own_pid = getpid();
	scopes_end_at_the_domain();
	net_is_denied_on_demand();
	return done();
}

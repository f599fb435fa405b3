/* SPDX-License-Identifier: Apache-2.0 */
/* The socket that a service is reached at. */
#include "verify/listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"

#define BACKLOG 128

static int get_option(int fd, int name)
{
	int value = 0;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, name, &value, &len) < 0)
		return -errno;
	return value;
}

bool listen_is(int fd)
{
	return get_option(fd, SO_DOMAIN) == AF_UNIX &&
	       get_option(fd, SO_TYPE) == SOCK_SEQPACKET &&
	       get_option(fd, SO_ACCEPTCONN) == 1;
}

/* Only a socket, and only one that refuses. */
static int remove_stale(const struct sockaddr_un *address)
{
	_cleanup_close_ int fd = socket(
		AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) ==
		    0 ||
	    errno != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int bind_at(int fd, const struct sockaddr_un *address)
{
	const struct sockaddr *any = (const struct sockaddr *)address;
	int r;

	if (bind(fd, any, sizeof(*address)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
	r = remove_stale(address);
	if (r < 0)
		return r;
	return bind(fd, any, sizeof(*address)) < 0 ? -errno : 0;
}

int listen_at(const char *path, bool any_user)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd =
		socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	mode_t before;
	int r;

	if (fd < 0)
		return -errno;
	if (path[0] == '\0' || strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	before = umask(any_user ? 0111 : 0177);
	r = bind_at(fd, &address);
	(void)umask(before);
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = -errno;
	return r < 0 ? r : take_fd(&fd);
}

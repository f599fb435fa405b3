/* SPDX-License-Identifier: Apache-2.0 */
/* bind(2) to a path, see unix_place.h. */
#include "supervise/unix_place.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/net_socket.h"

#define STACK_SIZE 65536

struct job {
	const struct unix_place *place;
	int result;
};

/* From here this thread makes sockets in the directory only, or beneath it. */
static int enter_directory(int parent)
{
	const struct kernel_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SOCK,
	};
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_MAKE_SOCK,
		.parent_fd = parent,
	};
	_cleanup_close_ int fd = kernel_landlock_create(&attr, sizeof(attr), 0);
	int r = fd < 0 ? fd : kernel_landlock_add_path(fd, &rule);

	return r < 0 ? r : kernel_landlock_restrict(fd, 0);
}

static int bind_by_pin(const struct unix_place *place)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int n = snprintf(address.sun_path, sizeof(address.sun_path),
			 "/proc/self/fd/%d/%s", place->parent, place->base);

	if (n < 0 || (size_t)n >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	return bind(place->socket, (struct sockaddr *)&address,
		    sizeof(address)) < 0 ?
		       -errno :
		       0;
}

static int bind_by_text(const struct unix_place *place)
{
	if (enter_directory(place->parent) < 0)
		return bind_by_pin(place);
	if (fchdir(place->parent) < 0)
		return -EACCES;
	return bind(place->socket, &place->name->any, place->name->len) < 0 ?
		       -errno :
		       0;
}

static void *run(void *data)
{
	struct job *job = data;

	/* Its own working directory and umask. */
	if (unshare(CLONE_FS) < 0) {
		job->result = -EACCES;
		return NULL;
	}
	(void)umask(job->place->umask);
	job->result = bind_by_text(job->place);
	return NULL;
}

int unix_place_bind(const struct unix_place *place)
{
	struct job job = { place, -EACCES };
	pthread_attr_t attributes;
	pthread_t thread;
	int r;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
	r = -pthread_create(&thread, &attributes, run, &job);
	(void)pthread_attr_destroy(&attributes);
	if (r < 0)
		return r;
	(void)pthread_join(thread, NULL);
	return job.result;
}

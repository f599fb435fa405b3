/* SPDX-License-Identifier: Apache-2.0 */
/* Where events are written: a descriptor that may be slow, full or gone. */
#include "supervise/event_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"

static void open_fd(struct event_sink *sink, int fd, bool is_owned)
{
	struct stat st;

	*sink = (struct event_sink){ .fd = fd, .is_owned = is_owned };
	sink->is_whole = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

void event_sink_open_fd(struct event_sink *sink, int fd)
{
	if (fd > STDERR_FILENO)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	open_fd(sink, fd, /* is_owned= */ false);
}

int event_sink_open_file(struct event_sink *sink, const char *path)
{
	/* Not to wait for the reader of a FIFO; a file does not care. */
	int fd = open(path,
		      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY |
			      O_NONBLOCK,
		      0600);

	if (fd < 0)
		return -errno;
	open_fd(sink, fd, /* is_owned= */ true);
	return 0;
}

int event_sink_open_journal(struct event_sink *sink)
{
	_cleanup_close_ int fd = -EBADF;
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = EVENT_JOURNAL_SOCKET };

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	open_fd(sink, take_fd(&fd), /* is_owned= */ true);
	sink->is_whole = true;
	return 0;
}

/*
 * The description may be shared, so O_NONBLOCK is not ours to set. A pipe that
 * polls as writable has room for PIPE_BUF bytes: that much cannot block.
 *
 * Return: bytes written, 0 when there is no room in time, or -errno.
 */
static ssize_t write_some(const struct event_sink *sink, const char *bytes,
			  size_t len, int timeout_ms)
{
	struct pollfd pollfd = { .fd = sink->fd, .events = POLLOUT };
	ssize_t n;

	if (poll(&pollfd, 1, timeout_ms) <= 0)
		return 0;
	if (!sink->is_whole && len > PIPE_BUF)
		len = PIPE_BUF;
	n = write(sink->fd, bytes, len);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return n;
}

static void forget_rest(struct event_sink *sink)
{
	sink->is_torn = sink->is_torn || sink->rest_pos > 0;
	sink->rest_len = 0;
	sink->rest_pos = 0;
	sink->n_lost++;
}

/* Return: true when nothing of a line is left to write. */
static bool write_rest(struct event_sink *sink, int timeout_ms)
{
	while (sink->rest_pos < sink->rest_len) {
		ssize_t n = write_some(sink, sink->rest + sink->rest_pos,
				       sink->rest_len - sink->rest_pos,
				       sink->is_stuck ? 0 : timeout_ms);

		sink->is_stuck = n == 0;
		/* A full disk: nobody wants the rest of it later. */
		if (n < 0 || (n == 0 && sink->rest_pos == 0))
			forget_rest(sink);
		if (n <= 0)
			return false;
		sink->rest_pos += (size_t)n;
	}
	return true;
}

void event_sink_write(struct event_sink *sink, const char *line, size_t len,
		      int timeout_ms)
{
	if (sink->fd < 0)
		return;
	if (!write_rest(sink, timeout_ms)) {
		sink->n_lost++;
		return;
	}
	sink->rest_pos = 0;
	sink->rest_len = 0;
	if (sink->is_torn)
		sink->rest[sink->rest_len++] = '\n';
	memcpy(sink->rest + sink->rest_len, line, len);
	sink->rest_len += len;
	if (write_rest(sink, timeout_ms))
		sink->is_torn = false;
}

void event_sink_done(struct event_sink *sink)
{
	if (sink->is_owned && sink->fd >= 0)
		(void)close(sink->fd);
	sink->fd = -EBADF;
}

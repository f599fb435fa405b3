/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A struct msghdr that the target makes, and changes while it is read: what
 * goes along with the message is of the allowed kinds, and every descriptor in
 * it is one that was borrowed, never a number of the target's choice.
 *
 * Input: a byte of flags; then the header, what it points to (the address, the
 * parts, the ancillary data), all of it in one page.
 */
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "supervise/net_message.h"
#include "supervise/target.h"

#define PAGE ((size_t)4096)
#define FIRST_BORROWED 200 /* no target's number in the input is as high */

enum flags {
	FLAG_DOMAIN = 3,
	FLAG_RACE = 4, /* a thread changes the page meanwhile */
	FLAG_PLAIN = 8, /* arguments of sendto(2) */
	FLAG_ABSOLUTE = 16, /* pointers as they are, not into the page */
	FLAG_SMALL = 32, /* descriptors below 4 */
};

static const struct {
	int level, type;
} harmless[] = {
	{ IPPROTO_IP, IP_PKTINFO },
	{ IPPROTO_IP, IP_TTL },
	{ IPPROTO_IP, IP_TOS },
	{ IPPROTO_IPV6, IPV6_PKTINFO },
	{ IPPROTO_IPV6, IPV6_HOPLIMIT },
	{ IPPROTO_IPV6, IPV6_TCLASS },
	{ IPPROTO_UDP, 103 },
	{ 282, 1 },
};

static char *page;
static struct call call;
static struct supervisor supervisor;
static struct net_socket sockets[4];
static atomic_bool is_over;

static void set_up(void)
{
	static const int domains[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

	if (page)
		return;
	/* Whatever is borrowed gets a number from here on. */
	for (int fd = open("/dev/null", O_RDONLY); fd < FIRST_BORROWED - 1;)
		fd = dup(fd);
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	supervisor.proc_fd = procfs_open();
	if (page == MAP_FAILED || supervisor.proc_fd < 0 ||
	    mprotect(page + PAGE, PAGE, PROT_NONE) < 0)
		abort();
	call.supervisor = &supervisor;
	call.view.proc_fd = supervisor.proc_fd;
	call.view.tid = gettid();
	call.request.tid = gettid();
	for (size_t i = 0; i < 4; i++) {
		sockets[i].domain = domains[i];
		sockets[i].type = SOCK_DGRAM;
		sockets[i].protocol = domains[i] == AF_NETLINK ? 0 :
				      domains[i] == AF_UNIX    ? 0 :
								 IPPROTO_UDP;
		sockets[i].fd = -1;
		if (borrow_open(supervisor.proc_fd, gettid(),
				&sockets[i].borrow) < 0)
			abort();
	}
}

static void point_into_page(void *at, size_t offset)
{
	uint64_t value;

	memcpy(&value, (char *)at + offset, sizeof(value));
	value = (uint64_t)(uintptr_t)page + value % PAGE;
	memcpy((char *)at + offset, &value, sizeof(value));
}

/* The header lies at the start of the page. */
static void fill(unsigned flags, struct fuzz_input *in)
{
	struct msghdr header;
	size_t n = in->size < PAGE ? in->size : PAGE;

	memset(page, 0, PAGE);
	memcpy(page, in->data, n);
	memcpy(call.request.values, page, sizeof(call.request.values));
	if (flags & FLAG_ABSOLUTE)
		return;
	point_into_page(page, offsetof(struct msghdr, msg_name));
	point_into_page(page, offsetof(struct msghdr, msg_iov));
	point_into_page(page, offsetof(struct msghdr, msg_control));
	memcpy(&header, page, sizeof(header));
	header.msg_iovlen %= 2 * IOV_MAX;
	header.msg_controllen %= 512;
	memcpy(page, &header, sizeof(header));
	for (size_t i = 64; (flags & FLAG_SMALL) && i + 4 <= PAGE; i += 4)
		if (page[i + 1] == 0 && page[i + 2] == 0 && page[i + 3] == 0)
			page[i] &= 31;
}

static void *change(void *context)
{
	uint32_t *words = (uint32_t *)(void *)page;
	uint32_t random = 2463534242;

	while (!is_over) {
		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;
		__atomic_store_n(&words[random % (PAGE / 8)], random >> 20,
				 __ATOMIC_RELAXED);
	}
	return context;
}

static void check_rights(const struct net_message *message,
			 const struct cmsghdr *header, size_t *n)
{
	size_t len = header->cmsg_len - CMSG_LEN(0);

	for (size_t i = 0; i + sizeof(int) <= len; i += sizeof(int)) {
		int fd;

		memcpy(&fd, CMSG_DATA(header) + i, sizeof(fd));
		FUZZ_CHECK(*n < message->n_fds && fd == message->fds[*n]);
		FUZZ_CHECK(fd >= FIRST_BORROWED);
		(*n)++;
	}
}

static bool is_harmless(const struct cmsghdr *header)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (header->cmsg_level == harmless[i].level &&
		    header->cmsg_type == harmless[i].type)
			return true;
	return false;
}

/* As the kernel will read it. */
static void check_control(const struct net_message *message, int domain)
{
	struct msghdr all = { .msg_control = message->control,
			      .msg_controllen = message->control_len };
	size_t n = 0;

	FUZZ_CHECK(message->control_len <= message->control_size);
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&all); header;
	     header = CMSG_NXTHDR(&all, header)) {
		if (header->cmsg_len < sizeof(*header))
			break; /* EINVAL for all of it */
		if (domain != AF_UNIX)
			FUZZ_CHECK(is_harmless(header));
		else
			FUZZ_CHECK(header->cmsg_level == SOL_SOCKET &&
				   header->cmsg_type == SCM_RIGHTS);
		if (domain == AF_UNIX)
			check_rights(message, header, &n);
	}
	FUZZ_CHECK(n == message->n_fds);
}

static void check_parts(const struct net_message *message)
{
	size_t size = 0;

	FUZZ_CHECK(message->n_parts <= IOV_MAX);
	FUZZ_CHECK(message->name.len <= sizeof(message->name.raw));
	for (size_t i = 0; i < message->n_parts; i++) {
		FUZZ_CHECK(message->parts[i].iov_len <= INT_MAX - size);
		size += message->parts[i].iov_len;
	}
	FUZZ_CHECK(size == message->size);
}

static void decode(unsigned flags)
{
	const struct net_socket *socket = &sockets[flags & FLAG_DOMAIN];
	struct net_message message;
	int r;

	r = flags & FLAG_PLAIN ?
		    net_message_plain(&call, &message) :
		    net_message_copy(&call, (uint64_t)(uintptr_t)page,
				     &message);
	if (r == 0) {
		check_parts(&message);
		r = net_message_control(&call, socket, &message);
	}
	if (r == 0)
		check_control(&message, socket->domain);
	net_message_done(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	unsigned flags = fuzz_byte(&in);
	pthread_t thread;
	int before, after;

	set_up();
	fill(flags, &in);
	before = dup(0);
	is_over = false;
	if ((flags & FLAG_RACE) &&
	    pthread_create(&thread, NULL, change, NULL) != 0)
		abort();
	for (int i = flags & FLAG_RACE ? 20 : 1; i > 0; i--)
		decode(flags);
	is_over = true;
	if (flags & FLAG_RACE)
		(void)pthread_join(thread, NULL);
	(void)close(before);
	after = dup(0);
	FUZZ_CHECK(before == after);
	(void)close(after);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Host names of rules, looked up when something connects. */
#include "supervise/net_names.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"

#define KEPT_MS 300000
#define AGAIN_MS 1000
#define PATIENCE_MS 6000
/* Of each name server; the request itself waits 8 s at most. */
#define RETRANS_SECONDS 2
#define RETRIES 2

struct seen {
	struct net_address address;
	int64_t when;
};

struct name {
	struct name *next;
	char *name;
	bool is_busy; /* some thread asks for it now */
	int64_t asked; /* when; 0: never */
	size_t n;
	struct seen seen[NET_NAMES_KEPT];
};

static size_t look_up(const char *name, struct net_address *ret, size_t max);
static int64_t now_ms(void);

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t change;
	struct name *names; /* those of the rules; never freed */
	net_lookup *lookup;
	net_clock *clock;
} cache = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.change = PTHREAD_COND_INITIALIZER,
	.lookup = look_up,
	.clock = now_ms,
};

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static size_t look_up(const char *name, struct net_address *ret, size_t max)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	size_t n = 0;

	/* Of this thread: a dead name server must not cost the deadline. */
	if (res_init() == 0) {
		_res.retrans = RETRANS_SECONDS;
		_res.retry = RETRIES;
	}
	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return 0;
	for (const struct addrinfo *at = list; at && n < max;
	     at = at->ai_next) {
		struct sockaddr_storage raw = { 0 };

		if (at->ai_addrlen > sizeof(raw))
			continue;
		memcpy(&raw, at->ai_addr, at->ai_addrlen);
		if (net_address_parse(at->ai_family, &raw, at->ai_addrlen,
				      &ret[n]) == 0)
			n++;
	}
	freeaddrinfo(list);
	return n;
}

/* Of the services that look up hosts: those that are not part of libc. */
static void load_services(char *line)
{
	char *rest = NULL;

	for (char *word = strtok_r(line, " \t\n", &rest); word;
	     word = strtok_r(NULL, " \t\n", &rest)) {
		char library[64];

		if (word[0] == '#')
			return;
		if (strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_") !=
			    strlen(word) ||
		    strlen(word) > 32)
			continue; /* [NOTFOUND=return] */
		(void)snprintf(library, sizeof(library), "libnss_%s.so.2",
			       word);
		(void)dlopen(library, RTLD_NOW | RTLD_LOCAL);
	}
}

void net_names_prepare(void)
{
	_cleanup_fclose_ FILE *file = fopen("/etc/nsswitch.conf", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		if (strncmp(line, "hosts:", 6) == 0)
			load_services(line + 6);
}

void net_names_inject(net_lookup *lookup, net_clock *clock)
{
	cache.lookup = lookup;
	cache.clock = clock;
}

/* With the lock held. */
static struct name *get(const char *text)
{
	struct name *name;

	for (name = cache.names; name; name = name->next)
		if (strcmp(name->name, text) == 0)
			return name;
	name = calloc(1, sizeof(*name));
	if (!name)
		return NULL;
	name->name = strdup(text);
	if (!name->name) {
		free(name);
		return NULL;
	}
	name->next = cache.names;
	cache.names = name;
	return name;
}

static struct seen *find(struct name *name, const struct net_address *address)
{
	for (size_t i = 0; i < name->n; i++)
		if (net_address_same(&name->seen[i].address, address))
			return &name->seen[i];
	return NULL;
}

static bool is_known(struct name *name, const struct net_address *address,
		     int64_t now)
{
	const struct seen *seen = find(name, address);

	return seen && now - seen->when < KEPT_MS;
}

/* In place of the one that was seen the longest time ago, if need be. */
static void keep(struct name *name, const struct net_address *address,
		 int64_t now)
{
	struct seen *seen = find(name, address);

	if (!seen && name->n < NET_NAMES_KEPT) {
		seen = &name->seen[name->n++];
	} else if (!seen) {
		seen = name->seen;
		for (size_t i = 1; i < name->n; i++)
			if (name->seen[i].when < seen->when)
				seen = &name->seen[i];
	}
	*seen = (struct seen){ *address, now };
}

/* With the lock held, and without it while it waits. */
static void ask(struct name *name)
{
	struct net_address *found = calloc(NET_NAMES_KEPT, sizeof(*found));
	size_t n = 0;

	name->is_busy = true;
	(void)pthread_mutex_unlock(&cache.mutex);
	if (found)
		n = cache.lookup(name->name, found, NET_NAMES_KEPT);
	(void)pthread_mutex_lock(&cache.mutex);
	name->asked = cache.clock();
	for (size_t i = 0; i < n; i++)
		keep(name, &found[i], name->asked);
	name->is_busy = false;
	(void)pthread_cond_broadcast(&cache.change);
	free(found);
}

/* Until another thread's lookup came to its end, or patience to its own. */
static void wait_busy(const struct name *name, int64_t ms)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (name->is_busy &&
	       pthread_cond_timedwait(&cache.change, &cache.mutex, &until) !=
		       ETIMEDOUT)
		;
}

/* With the lock held. */
static void refresh(struct name *name, struct net_patience *patience)
{
	int64_t now = cache.clock();

	if (patience->until == 0)
		patience->until = now + PATIENCE_MS;
	if (now >= patience->until)
		return;
	if (name->is_busy)
		wait_busy(name, patience->until - now);
	else if (name->asked == 0 || now - name->asked >= AGAIN_MS)
		ask(name);
}

bool net_names_has(void *context, const char *text,
		   const struct net_address *address)
{
	struct name *name;
	bool found = false;

	(void)pthread_mutex_lock(&cache.mutex);
	name = get(text);
	if (name) {
		found = is_known(name, address, cache.clock());
		if (!found && context) {
			refresh(name, context);
			found = is_known(name, address, cache.clock());
		}
	}
	(void)pthread_mutex_unlock(&cache.mutex);
	return found;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a manifest lists, as the supervisor knows them. */
#include "supervise/resources.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/ahead.h"
#include "supervise/rules.h"

#define COPIES_SIZE_MAX (256L << 20) /* bytes of snapshots that are kept */

struct resource {
	char *path; /* resolved */
	const char *spelling; /* within the index, or path */
	char kind; /* see common/proto.h */
	bool is_tried; /* the work ahead has had it */
	int copy_fd;
	struct stat copied; /* the file it was copied from */
};

/* A listed file that has more than one name (hard links). */
struct alias {
	dev_t dev;
	ino_t ino;
	const char *path;
};

struct resources {
	struct resource *items; /* by path */
	size_t n;
	struct alias *aliases; /* by device and inode; made when first needed */
	size_t n_aliases;
	char *index; /* the verifier's text */
	int self_fd; /* O_PATH of our /proc/self/fd */
	size_t n_copies, copies_max;
	off_t copies_size;
};

static int by_path(const void *a, const void *b)
{
	const struct resource *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* The directory resolved last: an index comes sorted. */
struct last_directory {
	char asked[PATH_MAX];
	char resolved[PATH_MAX];
	bool is_known;
	bool is_there;
};

static bool enter(struct last_directory *last, const char *path, size_t len)
{
	if (last->is_known && strlen(last->asked) == len &&
	    strncmp(last->asked, path, len) == 0)
		return last->is_there;
	if (len >= sizeof(last->asked))
		return false;
	memcpy(last->asked, path, len);
	last->asked[len] = '\0';
	last->is_known = true;
	last->is_there = realpath(len ? last->asked : "/", last->resolved);
	return last->is_there;
}

/*
 * What the manifest spells so, its directories resolved. A listed link stays
 * as it is: what is opened is its target, which needs an entry of its own, as
 * in Node. So nothing is looked at file by file.
 */
static char *resolve_spelling(struct last_directory *last, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *resolved;

	if (!slash || !slash[1] || !enter(last, path, (size_t)(slash - path)))
		return strdup(path);
	if (asprintf(&resolved, "%s/%s",
		     strcmp(last->resolved, "/") ? last->resolved : "",
		     slash + 1) < 0)
		return NULL;
	return resolved;
}

static char *read_text(int fd, size_t *ret_len)
{
	struct stat st;
	char *text;

	if (fstat(fd, &st) < 0 || st.st_size < 0)
		return NULL;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return NULL;
	if (pread(fd, text, (size_t)st.st_size, 0) != st.st_size) {
		free(text);
		errno = EIO;
		return NULL;
	}
	text[st.st_size] = '\0';
	*ret_len = (size_t)st.st_size;
	return text;
}

static int add_record(struct resources *r, struct last_directory *last,
		      const char *record)
{
	struct resource *item = &r->items[r->n];
	char *path;

	if (!strchr("hanc", record[0]) || record[1] != '/')
		return -EBADMSG;
	*item = (struct resource){ .kind = record[0],
				   .spelling = record + 1,
				   .copy_fd = -1 };
	path = resolve_spelling(last, record + 1);
	if (!path)
		return -ENOMEM;
	kept(path);
	item->path = path;
	r->n++;
	return 0;
}

static int parse(struct resources *r, size_t len)
{
	_cleanup_free_ struct last_directory *last = malloc(sizeof(*last));
	size_t n_records = 0;
	int result = 0;

	if (len > 0 && r->index[len - 1] != '\0')
		return -EBADMSG;
	for (size_t i = 0; i < len; i++)
		n_records += r->index[i] == '\0';
	r->items = calloc(n_records + 1, sizeof(*r->items));
	if (!r->items || !last)
		return -ENOMEM;
	last->is_known = false;
	for (size_t i = 0; i < len && result == 0;
	     i += strlen(r->index + i) + 1)
		result = add_record(r, last, r->index + i);
	if (result == 0)
		qsort(r->items, r->n, sizeof(*r->items), by_path);
	return result;
}

int resources_read(int index_fd, struct resources **ret)
{
	struct resources *r = calloc(1, sizeof(*r));
	struct rlimit limit;
	size_t len = 0;
	int result;

	if (!r)
		return -ENOMEM;
	r->self_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Half of the descriptors: the rest is for the requests themselves. */
	r->copies_max = getrlimit(RLIMIT_NOFILE, &limit) == 0 ?
				(size_t)limit.rlim_cur / 2 :
				256;
	r->index = read_text(index_fd, &len);
	result = r->index ? parse(r, len) : -EIO;
	if (result < 0) {
		resources_free(r);
		return result;
	}
	*ret = r;
	return 0;
}

void resources_free(struct resources *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++) {
		free(r->items[i].path);
		if (r->items[i].copy_fd >= 0)
			(void)close(r->items[i].copy_fd);
	}
	if (r->self_fd >= 0)
		(void)close(r->self_fd);
	free(r->items);
	free(r->aliases);
	free(r->index);
	free(r);
}

int resources_list(const struct resources *r, struct rules *rules)
{
	if (rules_expect(rules, r->n) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++) {
		int result = rules_add_listed(rules, r->items[i].path);

		if (result < 0)
			return result;
	}
	return 0;
}

const char *resources_path(const struct resources *r, size_t i)
{
	return i < r->n ? r->items[i].path : NULL;
}

static struct resource *find(const struct resources *r, const char *path)
{
	const struct resource key = { .path = (char *)(uintptr_t)path };

	return bsearch(&key, r->items, r->n, sizeof(key), by_path);
}

const char *resources_spelling(const struct resources *r, const char *path)
{
	const struct resource *item = find(r, path);

	return item ? item->spelling : NULL;
}

static int by_inode(const void *a, const void *b)
{
	const struct alias *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static bool find_aliases(struct resources *r)
{
	r->aliases = calloc(r->n + 1, sizeof(*r->aliases));
	if (!r->aliases)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		struct stat st;

		if (lstat(r->items[i].path, &st) < 0 || st.st_nlink < 2)
			continue;
		r->aliases[r->n_aliases++] = (struct alias){
			.dev = st.st_dev,
			.ino = st.st_ino,
			.path = r->items[i].path,
		};
	}
	qsort(r->aliases, r->n_aliases, sizeof(*r->aliases), by_inode);
	return true;
}

const char *resources_alias(struct resources *r, const struct stat *st)
{
	struct alias key = { .dev = st->st_dev, .ino = st->st_ino };
	const struct alias *found;

	if (!r->aliases && !find_aliases(r))
		return NULL;
	found = bsearch(&key, r->aliases, r->n_aliases, sizeof(key), by_inode);
	return found ? found->path : NULL;
}

bool resources_is_sealed(int fd)
{
	const int need = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & need) == need;
}

int resources_reopen(const struct resources *r, int fd)
{
	char name[16];
	int copy;

	/* A descriptor of its own: readers must not share an offset (T104). */
	(void)snprintf(name, sizeof(name), "%d", fd);
	copy = openat(r->self_fd, name, O_RDONLY | O_CLOEXEC);
	return copy < 0 ? -errno : copy;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int resources_open_copy(struct resources *r, const char *path,
			const struct stat *st)
{
	const struct resource *item = find(r, path);

	if (!item || item->copy_fd < 0 || !is_same(&item->copied, st))
		return -1;
	return resources_reopen(r, item->copy_fd);
}

void resources_keep_copy(struct resources *r, const char *path,
			 const struct stat *st, int *fd)
{
	struct resource *item = find(r, path);

	if (!item || *fd < 0)
		return;
	if (item->copy_fd >= 0) {
		r->copies_size -= item->copied.st_size;
		r->n_copies--;
		(void)close(take_fd(&item->copy_fd));
	}
	if (r->n_copies >= r->copies_max ||
	    r->copies_size + st->st_size > COPIES_SIZE_MAX)
		return;
	item->copied = *st;
	item->copy_fd = take_fd(fd);
	r->copies_size += st->st_size;
	r->n_copies++;
}

size_t resources_first(const struct resources *r, const char *directory)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(r->items[middle].path, directory) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int resources_next(struct resources *r, const char *directory, size_t *at,
		   struct ahead_file *ret)
{
	size_t len = strlen(directory);
	struct resource *item;

	if (*at >= r->n)
		return -ENOENT;
	item = &r->items[(*at)++];
	if (strncmp(item->path, directory, len) != 0)
		return -ENOENT;
	if (item->kind != 'h' || item->is_tried || item->copy_fd >= 0 ||
	    strstr(item->path + len - 1, NODE_MODULES))
		return 0;
	item->is_tried = true;
	*ret = (struct ahead_file){ .path = item->path,
				    .spelling = item->spelling,
				    .fd = -1 };
	return 1;
}

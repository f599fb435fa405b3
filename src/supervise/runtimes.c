/* SPDX-License-Identifier: Apache-2.0 */
/* The runtimes whose threads are known: which programs, and how many. */
#include "supervise/runtimes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "supervise/profile.h"

static int copy(struct strings *to, const struct strings *from)
{
	int r = 0;

	for (size_t i = 0; i < from->n && r == 0; i++)
		r = strings_add(to, from->items[i]);
	return r;
}

int runtimes_add(struct runtimes *runtimes, const struct profile *profile,
		 const char *program)
{
	struct runtime *items, *runtime;
	struct stat st;
	int r;

	if (profile->threads <= 0)
		return 0;
	items = reallocarray(runtimes->items, runtimes->n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	runtimes->items = items;
	runtime = &items[runtimes->n++];
	*runtime = (struct runtime){ .threads = (unsigned)profile->threads };
	if (program && stat(program, &st) == 0) {
		runtime->dev = st.st_dev;
		runtime->ino = st.st_ino;
	}
	r = copy(&runtime->programs, &profile->programs);
	if (r == 0)
		r = copy(&runtime->settings, &profile->threads_settings);
	return r;
}

const struct runtime *runtimes_find(const struct runtimes *runtimes,
				    const char *path, dev_t dev, ino_t ino)
{
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < runtimes->n; i++) {
		const struct runtime *runtime = &runtimes->items[i];

		if ((runtime->ino != 0 && runtime->ino == ino &&
		     runtime->dev == dev) ||
		    strings_match(&runtime->programs, slash ? slash + 1 : path))
			return runtime;
	}
	return NULL;
}

void runtimes_done(struct runtimes *runtimes)
{
	for (size_t i = 0; i < runtimes->n; i++) {
		strings_done(&runtimes->items[i].programs);
		strings_done(&runtimes->items[i].settings);
	}
	free(runtimes->items);
	*runtimes = (struct runtimes){ 0 };
}

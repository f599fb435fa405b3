/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are the runtime's own code, and which runtime a program is. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise/images.h"
#include "supervise/profile.h"
#include "supervise/runtimes.h"
#include "tap.h"

static void files_and_trees(void)
{
	struct images images = { 0 };
	char dir[] = "/tmp/test-images.XXXXXX";
	char link[64], file[64];

	if (!mkdtemp(dir))
		abort();
	(void)snprintf(link, sizeof(link), "%s/link", dir);
	(void)snprintf(file, sizeof(file), "%s/x.so", dir);
	if (symlink("/proc/self/exe", link) < 0)
		abort();
	is_int(images_add(&images, "/nonexistent/x.so"), 0, "a missing file");
	is_int((long)images.files.n, 0, "is left out");
	is_int(images_set_runtime(&images, "/bin/sh"), 0, "the runtime");
	ok(images.ino != 0 && images.files.n == 1, "is known");
	is_int(images_add(&images, link), 0, "a link");
	ok(images.files.n == 2 && !strings_contain(&images.files, link),
	   "is resolved");
	is_int(images_add(&images, link), 0, "twice");
	is_int((long)images.files.n, 2, "counts once");
	is_int(images_add(&images, dir), 0, "a directory");
	ok(images_are_of_runtime(&images, file), "what lies in it");
	ok(!images_are_of_runtime(&images, dir), "not itself");
	(void)snprintf(file, sizeof(file), "%sx/x.so", dir);
	ok(!images_are_of_runtime(&images, file), "nor a longer name");
	ok(!images_are_of_runtime(&images, "/usr/lib/x.so"),
	   "not any library of the system");
	ok(images_are_of_child(&images, "/usr/lib/x.so"),
	   "which a child may load");
	ok(!images_are_of_child(&images, "/usr/library/x.so") &&
		   !images_are_of_child(&images, "/srv/lib/x.so"),
	   "but not from elsewhere");
	images.has_system = true;
	ok(images_are_of_runtime(&images, "/usr/lib/x.so"),
	   "unless the profile says so");
	is_int(images_add_child(&images, "/bin/sh"), 0, "a child's file");
	is_int((long)images.child_files.n, 1, "is known");
	images_done(&images);
	(void)unlink(link);
	(void)rmdir(dir);
}

static void runtimes_by_name_and_by_file(void)
{
	static char node[] = "node*", pool[] = "POOL=4";
	char *programs[] = { node };
	char *settings[] = { pool };
	struct profile profile = {
		.programs = { programs, 1 },
		.threads_settings = { settings, 1 },
	};
	struct runtimes runtimes = { 0 };
	const struct runtime *found;
	struct stat st;

	if (stat("/bin/sh", &st) < 0)
		abort();
	is_int(runtimes_add(&runtimes, &profile, "/bin/sh"), 0,
	       "a profile without threads");
	is_int((long)runtimes.n, 0, "says nothing");
	profile.threads = 6;
	is_int(runtimes_add(&runtimes, &profile, "/bin/sh"), 0, "with threads");
	found = runtimes_find(&runtimes, "/opt/node-20", 1, 2);
	ok(found && found->threads == 6 && found->settings.n == 1,
	   "found by its name");
	ok(runtimes_find(&runtimes, "/opt/x", st.st_dev, st.st_ino),
	   "found by its file");
	ok(!runtimes_find(&runtimes, "/opt/node/x", 1, 2), "no other");
	runtimes_done(&runtimes);
	is_int(runtimes_add(&runtimes, &profile, NULL), 0, "without a file");
	ok(!runtimes_find(&runtimes, "/opt/x", 0, 0),
	   "no file is not every file");
	runtimes_done(&runtimes);
}

int main(void)
{
	files_and_trees();
	runtimes_by_name_and_by_file();
	return done();
}

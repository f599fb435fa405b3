/* SPDX-License-Identifier: Apache-2.0 */
/* Errors that need something done first. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "transparent.h"

void run_errnos(void)
{
	char path[64];
	struct stat st;
	int fd;

	/* As many links as the file system allows would take too long. */
	(void)mkdir("full", 0755);
	(void)write_file("full/x", "x", 0644);
	outcome("rmdir full", "%s", shown(rmdir("full")));
	outcome("rename dir onto full", "%s", shown(rename("bare", "full")));
	outcome("rename into itself", "%s", shown(rename("dir", "dir/sub/x")));
	changed("rename to itself", "", shown(rename("file", "file")));
	changed("rename to hard link", "", shown(rename("file", "hard")));
	outcome("unlink directory", "%s", shown(unlink("dir")));
	outcome("unlinkat directory", "%s",
		shown(unlinkat(AT_FDCWD, "file", AT_REMOVEDIR)));
	outcome("truncate negative", "%s", shown(truncate("file", -1)));
	outcome("truncate huge", "%s", shown(truncate("file", LONG_MAX)));
	changed("truncate large", "", shown(truncate("file", 1L << 33)));
	fd = open("file", O_RDONLY);
	outcome("ftruncate read-only", "%s", shown(ftruncate(fd, 1)));
	(void)close(fd);
	fd = open("file", O_RDWR);
	outcome("ftruncate negative", "%s", shown(ftruncate(fd, -1)));
	(void)unlink("file");
	outcome("ftruncate unlinked", "%s", shown(ftruncate(fd, 3)));
	outcome("fchmod unlinked", "%s", shown(fchmod(fd, 0600)));
	outcome("fchown unlinked", "%s", shown(fchown(fd, getuid(), getgid())));
	outcome("futimens unlinked", "%s", shown(futimens(fd, NULL)));
	outcome("fsetxattr unlinked", "%s",
		shown(fsetxattr(fd, "user.a", "b", 1, 0)));
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	outcome("stat unlinked", "%s",
		fstat(fd, &st) < 0 ? shown(-1) : describe_stat(&st));
	outcome("truncate unlinked by number", "%s", shown(truncate(path, 2)));
	outcome("chmod unlinked by number", "%s", shown(chmod(path, 0644)));
	outcome("link unlinked by number", "%s",
		shown(linkat(AT_FDCWD, path, AT_FDCWD, "again",
			     AT_SYMLINK_FOLLOW)));
	outcome("stat unlinked by number", "%s",
		stat(path, &st) < 0 ? shown(-1) : describe_stat(&st));
	(void)close(fd);
	fixture_build();
}

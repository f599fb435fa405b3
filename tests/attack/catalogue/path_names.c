// SPDX-License-Identifier: Apache-2.0
/* Names that are made, changed or removed where they may not be. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "catalogue.h"
#include "tricks.h"

#define CREATE (O_WRONLY | O_CREAT)

/* One call that changes something, and what it answered. */
#define TRIES(name, call)                        \
	static void name(void)                   \
	{                                        \
		(void)said(#name, (long)(call)); \
	}

static const char *dangling(void)
{
	return link_to(in_secret("new"), "x");
}

TRIES(dangling_open, open(dangling(), CREATE, 0644))
TRIES(dangling_creat, creat(dangling(), 0644))
TRIES(dangling_read, open(dangling(), O_RDONLY | O_CREAT, 0644))
TRIES(dangling_chain, open(link_to(dangling(), "y"), CREATE, 0644))
TRIES(dangling_below,
      open(text("%s/new", link_to(in_secret("dir"), "x")), CREATE, 0644))
TRIES(dangling_proc,
      open(link_to(text("/proc/self/root/%s/new", world("secret")), "x"),
	   CREATE, 0644))

static void dangling_relative(void)
{
	int fd = open(world("write"), O_RDONLY | O_DIRECTORY);

	(void)link_to(text("%s%s/new", UP, world("secret")), "x");
	(void)said("openat", openat(fd, "x", CREATE, 0644));
}

static void dangling_how(void)
{
	struct open_how how = { .flags = CREATE, .mode = 0644 };

	(void)said("openat2",
		   syscall(SYS_openat2, -1, dangling(), &how, sizeof(how)));
}

TRIES(trunc_write, open(secret_file(), O_WRONLY | O_TRUNC))
TRIES(trunc_read, open(secret_file(), O_RDONLY | O_TRUNC))
TRIES(trunc_creat, creat(secret_file(), 0600))
TRIES(trunc_granted, open(in_read("file"), O_RDONLY | O_TRUNC))
TRIES(trunc_granted_write, open(in_read("file"), O_WRONLY | O_TRUNC))
TRIES(trunc_granted_mode, open(in_read("file"), O_ACCMODE | O_TRUNC))
TRIES(trunc_call, truncate(in_read("file"), 2))
TRIES(trunc_link, truncate(link_to(secret_file(), "x"), 2))
TRIES(create_granted, open(in_read("new"), O_RDONLY | O_CREAT, 0644))
TRIES(create_only, open(in_secret("new"), O_RDONLY | O_CREAT, 0644))
TRIES(create_alone, open(in_secret("new"), CREATE | O_EXCL, 0644))

static void nameless(const char *directory)
{
	int fd = (int)said("O_TMPFILE",
			   open(directory, O_RDWR | O_TMPFILE, 0644));

	(void)said("linkat",
		   linkat(AT_FDCWD, text("/proc/self/fd/%d", fd), AT_FDCWD,
			  text("%s/new", directory), AT_SYMLINK_FOLLOW));
	(void)said("linkat",
		   linkat(fd, "", AT_FDCWD, text("%s/empty", directory),
			  AT_EMPTY_PATH));
}

static void nameless_read(void)
{
	nameless(world("read"));
}

static void nameless_secret(void)
{
	nameless(in_secret("dir"));
}

/* Made where it may be, named where it may not. */
static void nameless_moved(void)
{
	int fd = (int)said("O_TMPFILE",
			   open(world("write"), O_RDWR | O_TMPFILE, 0644));

	(void)said("linkat",
		   linkat(AT_FDCWD, text("/proc/self/fd/%d", fd), AT_FDCWD,
			  in_read("new"), AT_SYMLINK_FOLLOW));
}

TRIES(alias_link, link(secret_file(), in_write("x")))
TRIES(alias_linkat,
      linkat(-1, secret_file(), -1, in_write("x"), AT_SYMLINK_FOLLOW))
TRIES(alias_symlink,
      linkat(-1, in_secret("link"), -1, in_write("x"), AT_SYMLINK_FOLLOW))
TRIES(alias_own_link, linkat(-1, link_to(secret_file(), "y"), -1, in_write("x"),
			     AT_SYMLINK_FOLLOW))

static void alias_fd(void)
{
	int fd = (int)said("O_PATH", open(secret_file(), O_PATH));

	(void)said("linkat",
		   linkat(AT_FDCWD, text("/proc/self/fd/%d", fd), AT_FDCWD,
			  in_write("x"), AT_SYMLINK_FOLLOW));
	(void)said("linkat",
		   linkat(fd, "", AT_FDCWD, in_write("y"), AT_EMPTY_PATH));
}

/* What may only be read gets a name where it may be written. */
static void alias_write(void)
{
	(void)said("link", link(in_read("file"), in_write("x")));
	(void)said("open", open(in_write("x"), O_WRONLY | O_TRUNC));
	(void)said("chmod", chmod(in_write("x"), 0600));
}

static void alias_write_fd(void)
{
	int fd = open(in_read("file"), O_RDONLY);

	(void)said("linkat",
		   linkat(AT_FDCWD, text("/proc/self/fd/%d", fd), AT_FDCWD,
			  in_write("x"), AT_SYMLINK_FOLLOW));
	(void)said("linkat",
		   linkat(fd, "", AT_FDCWD, in_write("x"), AT_EMPTY_PATH));
	(void)said("open", open(in_write("x"), O_WRONLY | O_TRUNC));
}

static void bind_here(void)
{
	(void)mkdir(in_write("m"), 0755);
	if (own_mounts() == 0)
		(void)said("mount", mount(world("secret"), in_write("m"), NULL,
					  MS_BIND, NULL));
	loot_at(-1, in_write("m/file"));
}

/* The mount is over what may be read. */
static void bind_over(void)
{
	if (own_mounts() == 0)
		(void)said("mount", mount(world("secret"), in_read("sub"), NULL,
					  MS_BIND, NULL));
	loot_at(-1, in_read("sub/file"));
}

static void bind_file(void)
{
	if (own_mounts() == 0)
		(void)said("mount", mount(secret_file(), in_read("file"), NULL,
					  MS_BIND, NULL));
	loot_at(-1, in_read("file"));
}

static void overlay(void)
{
	(void)mkdir(in_write("up"), 0755);
	(void)mkdir(in_write("work"), 0755);
	(void)mkdir(in_write("m"), 0755);
	if (own_mounts() == 0)
		(void)said("mount",
			   mount("overlay", in_write("m"), "overlay", 0,
				 text("lowerdir=%s,upperdir=%s,workdir=%s",
				      world("secret"), in_write("up"),
				      in_write("work"))));
	loot_at(-1, in_write("m/file"));
	/* Its copy is in the upper directory after this. */
	(void)said("chmod", chmod(in_write("m/file"), 0644));
}

TRIES(rename_onto, rename(put("x", "evil"), secret_file()))
TRIES(rename_out, rename(secret_file(), in_write("x")))
TRIES(rename_out_dir, rename(in_secret("sub"), in_write("x")))
TRIES(rename_top, rename(world("secret"), in_write("x")))
TRIES(rename_granted, rename(in_read("file"), in_write("x")))
TRIES(rename_into_granted, rename(put("x", "evil"), in_read("file")))
TRIES(rename_within, rename(in_secret("file"), in_secret("file2")))
TRIES(link_into, link(put("x", "evil"), in_secret("new")))
TRIES(link_into_granted, link(put("x", "evil"), in_read("new")))
TRIES(symlink_into, symlink("evil", in_secret("new")))
TRIES(symlink_into_granted, symlink("evil", in_read("new")))
TRIES(rename_above, rename(world("read"), text("%s2", world("read"))))

static void rename_at(void)
{
	int from = open(world("write"), O_RDONLY | O_DIRECTORY);

	(void)put("x", "evil");
	(void)said("renameat", renameat(from, "x", AT_FDCWD, secret_file()));
	(void)said("renameat",
		   renameat(from, text("%s%s", UP, in_secret("sub/file")), from,
			    "y"));
}

/* The link is exchanged, not what it leads to; what is beneath is. */
static void rename_through(void)
{
	(void)link_to(world("secret"), "x");
	(void)said("rename", rename(in_write("x/file"), in_write("y")));
}

#define SWAP(one, other, flags) \
	syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, flags)

TRIES(swap_secret, SWAP(put("x", "evil"), secret_file(), RENAME_EXCHANGE))
TRIES(swap_granted, SWAP(put("x", "evil"), in_read("file"), RENAME_EXCHANGE))
TRIES(swap_back, SWAP(in_read("file"), put("x", "evil"), RENAME_EXCHANGE))
TRIES(swap_links,
      SWAP(link_to("nowhere", "x"), in_secret("link"), RENAME_EXCHANGE))
TRIES(keep_new, SWAP(put("x", "evil"), in_read("new"), RENAME_NOREPLACE))
TRIES(whiteout, SWAP(secret_file(), in_write("x"), RENAME_WHITEOUT))
TRIES(whiteout_granted, SWAP(in_read("file"), in_write("x"), RENAME_WHITEOUT))

static void swap_directories(void)
{
	(void)mkdir(in_write("x"), 0755);
	(void)said("renameat2",
		   SWAP(in_write("x"), in_secret("sub"), RENAME_EXCHANGE));
	loot_at(-1, in_write("x/file"));
}

#define FILES "files", NULL, 0

const struct attack path_names_attacks[] = {
	{ "T050", "created through a dangling symlink", FILES, dangling_open },
	{ "T050b", "the same by creat", FILES, dangling_creat },
	{ "T050c", "the same, open for reading", FILES, dangling_read },
	{ "T050d", "through two symlinks", FILES, dangling_chain },
	{ "T050e", "beneath a symlink to a directory", FILES, dangling_below },
	{ "T050f", "through one that leads to /proc", FILES, dangling_proc },
	{ "T050g", "through a relative one", FILES, dangling_relative },
	{ "T050h", "the same by openat2", FILES, dangling_how },
	{ "T051", "O_TRUNC before the answer", FILES, trunc_write },
	{ "T051b", "O_TRUNC and only reading", FILES, trunc_read },
	{ "T051c", "creat of what is there", FILES, trunc_creat },
	{ "T051d", "O_RDONLY|O_TRUNC of what may be read", FILES,
	  trunc_granted },
	{ "T051e", "O_WRONLY|O_TRUNC of what may be read", FILES,
	  trunc_granted_write },
	{ "T051f", "O_TRUNC with access mode 3", FILES, trunc_granted_mode },
	{ "T051g", "truncate of what may be read", FILES, trunc_call },
	{ "T051h", "truncate through a symlink", FILES, trunc_link },
	{ "T051i", "O_CREAT where one may read", FILES, create_granted },
	{ "T051j", "O_CREAT before the answer", FILES, create_only },
	{ "T051k", "O_CREAT|O_EXCL before the answer", FILES, create_alone },
	{ "T054", "O_TMPFILE where one may read, then a name", FILES,
	  nameless_read },
	{ "T054b", "O_TMPFILE beneath the secret", FILES, nameless_secret },
	{ "T054c", "O_TMPFILE, named elsewhere", FILES, nameless_moved },
	{ "T063", "a hard link to the file", FILES, alias_link },
	{ "T063b", "the same by linkat", FILES, alias_linkat },
	{ "T063c", "a hard link through its symlink", FILES, alias_symlink },
	{ "T063d", "a hard link through my symlink", FILES, alias_own_link },
	{ "T063e", "a hard link by an O_PATH descriptor", FILES, alias_fd },
	{ "T063f", "a writable name for what may be read", FILES, alias_write },
	{ "T063g", "the same by a descriptor", FILES, alias_write_fd },
	{ "T064", "a bind mount where one may write", FILES, bind_here },
	{ "T064b", "a bind mount over what may be read", FILES, bind_over },
	{ "T064c", "a bind mount of the file", FILES, bind_file },
	{ "T065", "an overlay above the secret", FILES, overlay },
	{ "T068", "renamed onto the file", FILES, rename_onto },
	{ "T068b", "the file renamed to where one may read", FILES,
	  rename_out },
	{ "T068c", "a directory renamed to there", FILES, rename_out_dir },
	{ "T068d", "the whole directory renamed to there", FILES, rename_top },
	{ "T068e", "what may be read, renamed to where one may write", FILES,
	  rename_granted },
	{ "T068f", "renamed onto what may be read", FILES,
	  rename_into_granted },
	{ "T068g", "renamed beneath the secret", FILES, rename_within },
	{ "T068h", "renamed by descriptors", FILES, rename_at },
	{ "T068i", "renamed through a symlink", FILES, rename_through },
	{ "T068j", "a hard link into the secret", FILES, link_into },
	{ "T068k", "a hard link into what may be read", FILES,
	  link_into_granted },
	{ "T068l", "a symlink into the secret", FILES, symlink_into },
	{ "T068m", "a symlink into what may be read", FILES,
	  symlink_into_granted },
	{ "T068n", "the granted directory itself renamed", FILES,
	  rename_above },
	{ "T069", "exchanged with the secret", FILES, swap_secret },
	{ "T069b", "exchanged with what may be read", FILES, swap_granted },
	{ "T069c", "exchanged the other way round", FILES, swap_back },
	{ "T069d", "symlinks exchanged", FILES, swap_links },
	{ "T069e", "directories exchanged", FILES, swap_directories },
	{ "T069f", "RENAME_NOREPLACE into what may be read", FILES, keep_new },
	{ "T069g", "a whiteout in the place of the secret", FILES, whiteout },
	{ "T069h", "a whiteout in the place of what may be read", FILES,
	  whiteout_granted },
	{ 0 },
};

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files: what is granted behaves as without us, compared call by call with the
# same program alone; what is not granted is refused without a trace.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

# The tree under test:
#   $top/tree/      granted for reading and writing
#     a  b  empty  sub/x  to-a -> a  to-sub -> sub  loop -> loop
#     dangling -> nothing  fifo  private (0600, of root)
#   $top/denied/    not granted: file  dir/file
#   $top/ro/        granted for reading: file  tree -> ../tree
make_tree() {
	top=$1
	mkdir -p "$top/tree/sub" "$top/denied/dir" "$top/ro"
	echo content of a >"$top/tree/a"
	echo content of b >"$top/tree/b"
	: >"$top/tree/empty"
	echo content of x >"$top/tree/sub/x"
	ln -s a "$top/tree/to-a"
	ln -s sub "$top/tree/to-sub"
	ln -s loop "$top/tree/loop"
	ln -s nothing "$top/tree/dangling"
	mkfifo "$top/tree/fifo"
	echo SECRET >"$top/denied/file"
	echo SECRET >"$top/denied/dir/file"
	echo read only >"$top/ro/file"
	ln -s ../tree "$top/ro/tree"
	chmod 640 "$top/tree/b" "$top/ro/file"
	touch -d '2020-01-01 00:00:00' "$top/ro/file"
	[ "$WHO" = root ] || ! is_root || chown -R "$tap_uid:$tap_uid" "$top"
	echo private >"$top/tree/private"
	chmod 600 "$top/tree/private"
}

listing() {
	(cd "$1" && find . -printf '%P %y %m %U:%G %s %l\n' | sort)
}

# Root without capabilities, as it is under us.
no_caps=
! is_root || no_caps="setpriv --bounding-set=-all --inh-caps=-all"

# alone OP..., guarded OP...: in $top/tree of one tree each; the words of the
# two are compared, so that no expectation is written down that may be wrong.
alone() {
	# shellcheck disable=SC2086 # words without blanks
	run as_who $no_caps env -C "$TMP/$WHO/alone/tree" timeout -k 5 30 \
		"$target" "$@"
}

guarded() {
	top=$TMP/$WHO/guarded
	# shellcheck disable=SC2086 # words without blanks
	run as_who env -C "$top/tree" timeout -k 5 60 "$NSSUPERVISE" \
		--allow-fs-read="$top/tree" --allow-fs-write="$top/tree" \
		--allow-fs-read="$top/ro" ${options-} -- "$target" "$@"
}

same() {
	same_name="$WHO: $1"
	shift
	alone "$@"
	same_out=$OUT
	guarded "$@"
	is "$OUT" "$same_out" "$same_name"
	[ -n "$same_out" ] || fail "$same_name: something was tried"
	unlike "$ERR" 'denied' "$same_name: nothing is reported"
}

same_tree() {
	is "$(listing "$TMP/$WHO/guarded/tree")" \
		"$(listing "$TMP/$WHO/alone/tree")" "$WHO: $1: the trees are alike"
}

as_without_us() {
	for kind in alone guarded; do
		make_tree "$TMP/$WHO/$kind"
	done
	same "reading" read:a line:a line:b line:sub/x line:to-a line:to-sub/x \
		read:empty read:nothing read:dangling read:loop read:sub \
		read:a/b read:a/ line:./sub/../a line:sub//x read:. read:'' \
		read:private nofollow:to-a nofollow:a directory:a directory:sub \
		directory:to-sub opath:sub openat:sub:x openat:.:to-a \
		openat:sub:../a openat:sub:nothing accmode3:a dirty:a rdwr:a \
		flags:a statfd:a list:sub list:nothing list:a
	same "flags of what is open" getfl:a:0 getfl:a:1 getfl:a:2 \
		getfl:a:02000 getfl:a:04001 getfl:a:0100000 getfl:a:0400000 \
		getfl:a:010000 getfl:a:04010000 getfl:a:01000002 getfl:fl:0102 \
		getfl:sub:0200000 getfl:a:02000000 getfl:to-a:0 getfl:a:020000 \
		getfl:fifo:04000 reopen:a:0:0 reopen:a:0:2 reopen:a:2:1 \
		reopen:sub:0200000:0 reopen:a:0:0102
	same "a file without a name" tmplink:.:named mode:named tmplink:.:named \
		tmplink:sub:to-a/x
	same "asking" stat:a stat:to-a stat:nothing stat:dangling stat:loop \
		lstat:dangling lstat:loop statx:a statx:nothing fstatat:sub:x \
		fstatat:sub:nothing stat:a/b stat:a/ mode:a mode:b mode:sub \
		mode:to-a access:a access:a:w access:a:x access:nothing \
		access:private:r faccessat2:a:r faccessat2:b:x readlink:to-a \
		readlink:a readlink:nothing readlink:dangling statfs:a \
		statfs:nothing getxattr:a:user.none getxattr:nothing:user.x \
		listxattr:a listxattr:nothing stat:'' readlink:''
	same "directories" chdir:sub line:x chdir:.. line:a chdir:to-sub line:x \
		chdir:nothing chdir:x chdir:../fifo inotify:../sub:made \
		inotify:nothing
	same "creating" create:new mode:new create:new create:new2:0600 mode:new2 \
		umask:077 create:new3 mode:new3 umask:0 create:new4:0666 \
		mode:new4 create:new5:04755 mode:new5 umask:027 opencreate:new6 \
		mode:new6 opencreate:a creat:new7 creat:new7 creat:b mode:b \
		create:sub create:to-a opencreate:dangling mode:nothing \
		create:nowhere/x opencreate:sub opencreate:loop create:new8/ \
		tmpfile:sub tmpfile:nothing tmpfile:a mkdir:dir mode:dir \
		mkdir:dir mkdir:nowhere/x mkfifo:fifo2 mkfifo:a mknod:device
	same "writing" write:sub/x:W line:sub/x append:sub/x:END line:sub/x \
		write:nothing:x write:sub:x trunc:sub/x mode:sub/x truncate:a:3 \
		line:a truncate:nothing:1 truncate:sub:1 truncro:sub/x \
		ftruncate:a write:to-a:via line:a wnonblock:fifo
	same "names" symlink:anything:s1 readlink:s1 symlink:x:s1 link:a:h1 \
		link:a:h1 link:nothing:h2 link:to-a:h3 readlink:h3 linkfd:a:h4 \
		rename:h1:h5 rename:nothing:h6 rename:h5:sub rename:h5:sub/h5 \
		exchange:a:b line:a line:b exchange:a:nothing rename:dir:dir2 \
		rename:sub:sub/inner unlink:h4 unlink:h4 unlink:dir2 rmdir:dir2 \
		rmdir:dir2 rmdir:sub rmdir:a unlink:s1 unlink:sub/h5
	same "attributes" chmod:a:0600 mode:a fchmodat2:a:0640 mode:a \
		chmod:to-a:0644 mode:a chmod:nothing:0600 fchmod:a mode:a \
		chown:a lchown:to-a fchown:a utimens:a utimens:nothing \
		futimens:a setxattr:a:value getxattr:a:user.target \
		fsetxattr:a getxattr:a:user.target removexattr:a removexattr:a \
		setxattr:nothing:x chmod:private:0644
	# shellcheck disable=SC2046 # one word each
	same "a long chain of symlinks" $(
		printf 'symlink:a:l0 '
		for n in $(seq 1 45); do
			printf 'symlink:l%d:l%d ' $((n - 1)) "$n"
		done) line:l38 line:l39 line:l40 line:l41 stat:l39 stat:l40 \
		lstat:l44 create:l44 unlink:l44
	same "edges" pathlen:10 pathlen:4095 pathlen:4096 pathlen:5000 \
		component:255:. component:256:. badopen:null badopen:low \
		badopen:kernel badopen:noncanonical badopen:wrap \
		badopen:unmapped badopen:none badopen:unterminated:aaa \
		badopen:end:a badstat:null badstat:unmapped badstat:end:a \
		badmkdir:null badmkdir:unterminated:q badmkdir:end:atend \
		badchmod:unmapped badchmod:end:a statinto:a nofile:a
	same "openat2" openat2:.:a:none openat2:sub:x:beneath \
		openat2:sub:../a:beneath openat2:sub:../a:in_root \
		openat2:.:to-a:no_symlinks openat2:.:a:no_symlinks \
		openat2:.:to-sub/x:no_symlinks openat2:.:a:no_xdev \
		openat2:.:a:bad openat2:.:/a:beneath openat2:sub:/x:in_root \
		openat2:.:to-a:beneath openat2:.:nothing:beneath
	same_tree "after all that"
}

for WHO in $(identities); do
	as_without_us
	options=--allow-fs-metadata
	same "reading, --allow-fs-metadata" read:a line:sub/x read:nothing stat:a \
		access:nothing readlink:to-a chmod:a:0644 mode:a
	options=
done

# From here one tree, as root where we can be.
WHO=$(identities | head -n 1)
base=$TMP/denials
make_tree "$base"
mkdir "$base/home"

try() {
	# shellcheck disable=SC2086 # words without blanks
	run env -C "$base/tree" timeout -k 5 60 "$NSSUPERVISE" \
		--allow-fs-read="$base/tree" --allow-fs-write="$base/tree" \
		--allow-fs-read="$base/ro" ${options-} -- "$target" "$@"
}

# all RESULT NAME OP...: every one ends with RESULT (an ERE).
all() {
	all_want=$1
	all_name=$2
	shift 2
	try "$@"
	all_other=$(printf '%s\n' "$OUT" | grep -Ev ": ($all_want)\$")
	is "$all_other" "" "$all_name"
	is "$(printf '%s\n' "$OUT" | wc -l)" $# "$all_name: each was tried" ||
		diag "$OUT $ERR"
}

d=$base/denied
before=$(listing "$base/denied")
ro_before=$(listing "$base/ro")
all EACCES "what is denied and exists: reading" "read:$d/file" "opath:$d" \
	"directory:$d" "list:$d" "read:../denied/file" "rdwr:$d/file" \
	"accmode3:$d/file" "openat:..:denied/file" "read:$d/dir/file" \
	"chdir:$d" "nofollow:$d/file" "dirty:$d/file"
all EACCES "what is denied and exists: asking" "stat:$d/file" "lstat:$d/file" \
	"statx:$d/file" "access:$d/file" "faccessat2:$d/file:r" \
	"readlink:$d/file" "statfs:$d/file" "getxattr:$d/file:user.x" \
	"listxattr:$d/file" "inotify:$d" "stat:$d/dir" "fstatat:.:$d/file"
all EACCES "what is denied and missing answers the same" "read:$d/none" \
	"stat:$d/none" "lstat:$d/none" "access:$d/none" "readlink:$d/none" \
	"statfs:$d/none" "list:$d/none" "read:$d/dir/none" "read:$d/none/none" \
	"stat:$d/file/none" "chdir:$d/none" "inotify:$d/none" \
	"opath:$d/none" "statx:$d/none" "listxattr:$d/none" "read:$d/file/"
all EACCES "what is denied: writing" "write:$d/file:x" "append:$d/file:x" \
	"trunc:$d/file" "truncro:$d/file" "truncate:$d/file:0" "creat:$d/file" \
	"create:$d/new" "opencreate:$d/new" "tmpfile:$d" "mkdir:$d/newdir" \
	"mkfifo:$d/newfifo" "symlink:x:$d/newlink" "unlink:$d/file" \
	"rmdir:$d/dir" "chmod:$d/file:0777" "fchmodat2:$d/file:0777" \
	"chown:$d/file" "lchown:$d/file" "utimens:$d/file" "setxattr:$d/file:x" \
	"removexattr:$d/file"
all 'EACCES|EXDEV|EPERM' "what is denied: links and renames" \
	"rename:$d/file:moved" "rename:a:$d/a" "link:$d/file:hard" \
	"link:a:$d/hard" "exchange:a:$d/file" "linkfd:$base/ro/file:hard2" \
	"link:$base/ro/file:hard3" "rename:$base/ro/file:moved3"
r=$base/ro
all EACCES "what is only readable: writing" "write:$r/file:x" "rdwr:$r/file" \
	"append:$r/file:x" "trunc:$r/file" "truncro:$r/file" \
	"truncate:$r/file:0" "create:$r/new" "mkdir:$r/new" "tmpfile:$r" \
	"unlink:$r/file" "symlink:x:$r/new" "chmod:$r/file:0777" \
	"utimens:$r/file" "chown:$r/file" "setxattr:$r/file:x" "accmode3:$r/file"
all 'EACCES|EPERM' "what is only readable: changes by a descriptor" \
	"fchmod:$r/file" "fchown:$r/file" "futimens:$r/file" \
	"fsetxattr:$r/file" "setflags:$r/file"
all EINVAL "what is only readable: its descriptor does not truncate" \
	"ftruncate:$r/file"
is "$(listing "$base/denied")" "$before" "no trace in what is denied"
is "$(listing "$base/ro")" "$ro_before" "no trace in what is only readable"
all 'OK|file tree' "what is only readable: reading" "read:$r/file" "stat:$r/file" \
	"list:$r" "access:$r/file:r" "opath:$r/file"
all 'EACCES|EPERM' "what is only readable: reopened for more" \
	"reopen:$r/file:0:2" "reopen:$r/file:0:1" "reopen:$r/file:0:01000" \
	"reopen:$r/file:010000000:2" "getfl:$r/file:0102"
is "$(listing "$base/ro")" "$ro_before" "and it is as it was"
options=--allow-fs-metadata
all OK "--allow-fs-metadata: asking about anything" "stat:$d/file" \
	"lstat:$d/file" "access:$d/file" "statfs:$d/file" "statx:$d/dir"
all EACCES "--allow-fs-metadata: nothing else" "read:$d/file" "list:$d" \
	"chmod:$d/file:0777" "chmod:$r/file:0777" "utimens:$d/file" \
	"chown:$r/file" "setxattr:$r/file:x" "truncate:$d/file:0" "unlink:$d/file"
all 'EACCES|EPERM' "--allow-fs-metadata: nor by a descriptor" \
	"fchmod:$r/file" "futimens:$r/file" "fsetxattr:$r/file"
options="--allow-fs-read=*"
all 'OK|dir file' "reading everything: reading" "read:$d/file" "stat:$d/file" "list:$d"
all EACCES "reading everything: not writing" "write:$d/file:x" \
	"chmod:$d/file:0777" "utimens:$r/file" "create:$d/new" "unlink:$d/file" \
	"trunc:$d/file" "truncate:$d/file:0" "setxattr:$d/file:x"
options="--allow-fs-write=$base/wo"
mkdir -p "$base/wo"
all OK "what is only writable: writing" "create:$base/wo/f" \
	"write:$base/wo/f:x" "chmod:$base/wo/f:0640" "truncate:$base/wo/f:1" \
	"rename:$base/wo/f:$base/wo/g" "mkdir:$base/wo/dir"
all EACCES "what is only writable: not reading" "read:$base/wo/g" \
	"rdwr:$base/wo/g" "list:$base/wo" "stat:$base/wo/g" "list:$base/wo/dir"
options=
all EACCES "through a symlink only what it leads to counts" \
	"read:../ro/../denied/file" "opencreate:$r/tree/../../denied/y"
all OK "a symlink to what is granted" "read:$r/tree/a" "create:$r/tree/z"

# O_CREAT through a dangling symlink into what is denied.
ln -s "$d/made" "$base/tree/bad-dangling"
ln -s "$d/file" "$base/tree/bad-link"
all EACCES "creating through a symlink" opencreate:bad-dangling creat:bad-dangling \
	trunc:bad-link creat:bad-link write:bad-link:x append:bad-link:x \
	chmod:bad-link:0777 truncate:bad-link:0 utimens:bad-link
is "$(listing "$base/denied")" "$before" "neither made nor changed anything"

# Ancestors, and probes that tools make on the way up.
all OK "the ancestors of a grant can be asked about" stat:/ "stat:$TMP" \
	"stat:$base" "lstat:$base" "statx:$base" "access:$base" \
	"stat:/usr" "lstat:$(dirname "$TMP")"
all 'EACCES' "but neither listed nor read" "list:$base" "read:$base" list:/

# Shapes of paths in options.
shape() {
	run env -C "$base/tree" timeout -k 5 60 "$NSSUPERVISE" \
		"--allow-fs-read=$1" --allow-fs-write="$base/tree/w" -- \
		"$target" "$3"
	is "${OUT##*: }" "$2" "--allow-fs-read=${1#"$base/"}: ${3#*:"$base/"}"
}
mkdir -p "$base/test2" "$base/test" "$base/p/q" "$base/tree/w"
echo 1 | tee "$base/test/file1" "$base/test2/f" "$base/p/a.log" \
	"$base/p/q/b.log" "$base/p/key.pem" "$base/other" >"$base/testfile"
shape "$base/test*" OK "read:$base/test/file1"
shape "$base/test*" OK "read:$base/test2/f"
shape "$base/test*" OK "read:$base/testfile"
shape "$base/test*" EACCES "read:$base/other"
shape "$base/test*" EACCES "read:$base/test/../other"
shape "$base/p/*.log" OK "read:$base/p/a.log"
shape "$base/p/*.log" OK "read:$base/p/q/b.log"
shape "$base/p/*.log" EACCES "read:$base/p/key.pem"
shape "$base/test" OK "read:$base/test/file1"
shape "$base/test/" OK "read:$base/test/file1"
shape "$base/test" EACCES "read:$base/test2/f"
shape "$base/test" EACCES "read:$base/testfile"
shape "$base/p/*" "a.log key.pem q" "list:$base/p"
shape "$base/p/a.log" OK "read:$base/p/a.log"
shape "$base/p/a.log" EACCES "read:$base/p/q/b.log"
shape '*' OK "read:$base/other"
shape '*' OK "read:$d/file"

# A path that does not exist yet is exactly that path.
options="--allow-fs-write=$base/new.txt --allow-fs-read=$base/new.txt"
all 'OK|hello' "a path that is created later" "opencreate:$base/new.txt" \
	"write:$base/new.txt:hello" "line:$base/new.txt" "chmod:$base/new.txt:0600"
all EACCES "and nothing beside it" "create:$base/new.txt2" "create:$base/new" \
	"read:$base/other"
options="--allow-fs-read=$base/later/file"
all ENOENT "a granted path that is missing" "read:$base/later/file"
mkdir "$base/later"
echo appeared >"$base/later/file"
all appeared "and is read when it is there" "line:$base/later/file"
echo replaced >"$base/later/file.new"
mv "$base/later/file.new" "$base/later/file"
all replaced "also when it is another file by now" "line:$base/later/file"
options=

# Carve-outs.
mkdir -p "$base/tree/open/closed/deep" "$base/tree/open/more"
echo SECRET >"$base/tree/open/closed/file"
echo SECRET >"$base/tree/open/closed/deep/file"
echo fine >"$base/tree/open/more/file"
c=$base/tree/open/closed
options="--deny-fs-read=$c --deny-fs-write=$c"
all EACCES "a carve-out denies" "read:$c/file" "read:$c/deep/file" "list:$c" \
	"stat:$c/file" "write:$c/file:x" "create:$c/new" "unlink:$c/file" \
	"chmod:$c/file:0777" "read:open/closed/file" "read:open/more/../closed/file"
all 'OK|fine|closed more' "and nothing else" line:open/more/file create:open/more/new \
	list:open unlink:open/more/new
all 'EACCES|EXDEV|EPERM|EBUSY' "a carve-out cannot be moved or linked away" \
	"rename:$c:open/away" "rename:$c/file:open/file" \
	"link:$c/file:open/file" rename:open:away exchange:open:sub \
	rename:../tree/open:../tree/away
options="--deny-fs-read=$base/tree/open/notyet --deny-fs-write=$base/tree/open/notyet"
all EACCES "a carve-out holds for what is created later" \
	create:open/notyet mkdir:open/notyet symlink:a:open/notyet
options="--deny-fs-read=$base/tree/*.key"
echo SECRET >"$base/tree/open/x.key"
all EACCES "a carve-out by pattern" read:open/x.key
all 'OK' "and the rest of the tree" read:open/more/file
options=

# FIFOs.
run timeout -k 5 30 "$NSSUPERVISE" --allow-child-process --allow-fs-read="$base" \
	--allow-fs-write="$base" --runtime=shell -- /bin/sh -c \
	"cat $base/tree/fifo & echo through > $base/tree/fifo; wait"
is "$OUT" through "cat FIFO & echo > FIFO"
try wnonblock:fifo
like "$OUT" ': ENXIO$' "a FIFO that nobody reads: ENXIO when asked not to wait"

# Devices, and the names that mean the process itself.
all OK "the usual devices" read:/dev/null rdwr:/dev/null opencreate:/dev/null \
	trunc:/dev/null stat:/dev/null write:/dev/null:x
run "$NSSUPERVISE" --allow-child-process -- /bin/sh -c \
	'head -c 3 /dev/zero | tr "\0" z; head -c 2 /dev/urandom | wc -c;
	(echo x >/dev/full) 2>/dev/null || echo full'
is "$OUT" "$(printf 'zzz2\nfull')" "zero, urandom and full are themselves"
for device in /dev/vda /dev/sda /dev/mem /dev/kvm /dev/fuse /dev/ptmx /dev/kmsg; do
	[ -e "$device" ] || continue
	try "read:$device" "rdwr:$device"
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | sort -u)" EACCES \
		"$device is refused"
done
echo from stdin >"$TMP/stdin-file"
run sh -c '"$@" <"$0"' "$TMP/stdin-file" "$NSSUPERVISE" -- "$target" line:/dev/stdin
is "$OUT" "line /dev/stdin: from stdin" "/dev/stdin is the program's own"
run sh -c 'echo piped | "$@"' sh "$NSSUPERVISE" -- "$target" line:/dev/fd/0
is "$OUT" "line /dev/fd/0: piped" "/dev/fd/0, a pipe"
run sh -c 'echo piped | "$@"' sh "$NSSUPERVISE" -- "$target" line:/proc/self/fd/0
is "$OUT" "line /proc/self/fd/0: piped" "/proc/self/fd/0, a pipe"
run sh -c '"$@" <"$0"' "$d/file" "$NSSUPERVISE" -- "$target" rdwr:/dev/stdin
is "$OUT" "rdwr /dev/stdin: EACCES" "/dev/stdin cannot be reopened for more"
run sh -c '"$@" | cat' sh "$NSSUPERVISE" -- "$target" write:/dev/stdout:out
like "$OUT" '^out' "/dev/stdout is the program's own"
for n in 3 4 5 6 7 8 9 10 11 12; do
	echo "read:/dev/fd/$n"
	echo "read:/proc/self/fd/$n"
done >"$TMP/fds"
# shellcheck disable=SC2046 # one word each
run "$NSSUPERVISE" -- "$target" $(cat "$TMP/fds")
unlike "$OUT" ': OK$' "/dev/fd never names a descriptor of the supervisor"

# /proc/self is the program, never the supervisor.
for path in /proc/self/environ /proc/thread-self/environ /proc/self/cmdline \
	/proc/self/task/../environ /proc/./self/environ /proc/self/../self/environ; do
	run env MARK=supervisor-only "$NSSUPERVISE" --allow-env=PATH \
		--allow-fs-read="$TMP" -- "$target" "line:$path"
	unlike "$OUT" 'supervisor-only|/nssupervise$' "$path is not the supervisor's"
done
ln -s /proc/self/environ "$base/tree/environ"
run env MARK=supervisor-only "$NSSUPERVISE" --allow-env=PATH \
	--allow-fs-read="$TMP" -- "$target" "line:$base/tree/environ"
unlike "$OUT" supervisor-only "nor through a symlink"
# shellcheck disable=SC2016 # for the other shell
run "$NSSUPERVISE" -- /bin/sh -c 'read -r name </proc/self/comm; echo "$name"'
is "$OUT" sh "/proc/self/comm is the program's"
run "$NSSUPERVISE" -- "$target" readlink:/proc/self/exe
is "$OUT" "readlink /proc/self/exe: $target" "/proc/self/exe is the program"
all 'EACCES|ENOENT|EPERM' "other processes and what writes are closed" \
	read:/proc/1/environ read:/proc/1/cmdline write:/proc/self/uid_map:x \
	write:/proc/self/oom_score_adj:0 rdwr:/proc/self/mem \
	write:/proc/sys/kernel/core_pattern:x
run "$NSSUPERVISE" --allow-fs-read='*' --allow-fs-write='*' --quiet -- \
	"$target" "line:$base/other" create:"$base/everything" stat:/proc/1/status
is "$(printf '%s\n' "$OUT" | head -n 2 | sed 's/.*: //' | tr '\n' ' ')" "1 OK " \
	"a star grants everything"

# Sockets.
options=
all OK "sockets in pairs need no grant" socketpair
run "$NSSUPERVISE" -- "$target" socket:2:1:0 socket:10:2:0 socket:1:1:0 \
	socket:16:3:0 socket:17:3:0 socket:40:1:0 socket:38:5:0
is "$(printf '%s\n' "$OUT" | grep -c OK)" 0 "without --allow-net: no socket" ||
	diag "$OUT"
run "$NSSUPERVISE" --allow-net -- "$target" socket:2:1:0 socket:10:2:0 \
	socket:2:1:262 socket:2:3:1 socket:17:3:0 socket:40:1:0
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | sed 's/^E.*/no/' | tr '\n' ' ')" \
	"OK OK no no no no " "with --allow-net: TCP and UDP"

done_testing

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Everyday programs work unchanged under the flags they need: programs.sh does
# the same work with and without nssupervise, under grants that the kernel
# decides alone, with a carve-out, with a pattern, and with --allow-fs-metadata.
# What is printed, the status and the tree that is left must be the same.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

# PROGRAMS_CASES and PROGRAMS_WAYS choose some, to look into one by hand.
ways=${PROGRAMS_WAYS:-"plain carved pattern metadata"}
cases=${PROGRAMS_CASES:-"shell bash session files archives rsync git make python \
	sqlite venv perl node node-24 npm tsc addon java"}
modules=$(tap_cache)/apps/node_modules
CASES=$TMP/cases

# The sources that the cases work on.
make_cases() {
	mkdir -p "$CASES/project" "$CASES/addon"
	cp "$top_srcdir"/tests/integration/programs* "$CASES/"
	echo '{"b": [1, 2], "a": {"c": null}}' >"$CASES/data.json"
	make_project
	make_addon
	make_java
	make_npm
	chmod -R go+rX "$CASES"
}

make_project() {
	cat >"$CASES/project/Makefile" <<-'END'
		.RECIPEPREFIX = >
		CFLAGS = -O1 -Wall
		all: hello hello-static
		hello: main.o libgreet.so
		> $(CC) -o $@ main.o -L. -lgreet -Wl,-rpath,'$$ORIGIN'
		hello-static: main.o libgreet.a
		> $(CC) -o $@ main.o libgreet.a
		libgreet.so: greet.c greet.h
		> $(CC) $(CFLAGS) -fPIC -shared -o $@ greet.c
		libgreet.a: greet.o
		> $(AR) rcsD $@ greet.o
		main.o greet.o: greet.h
		install: all
		> install -D hello $(DESTDIR)/usr/bin/hello
		clean:
		> rm -f *.o *.a *.so hello hello-static
		fail:
		> echo 'int main(void) { return }' | $(CC) -pipe -x c -
		.PHONY: all install clean fail
	END
	cat >"$CASES/project/greet.c" <<-'END'
		#include "greet.h"
		#include <stdio.h>
		void greet(const char *name)
		{
			printf("greetings, %s\n", name);
		}
	END
	echo 'void greet(const char *name);' >"$CASES/project/greet.h"
	cat >"$CASES/project/main.c" <<-'END'
		#include "greet.h"
		int main(void)
		{
			greet("world");
			return 0;
		}
	END
}

make_addon() {
	cat >"$CASES/addon/sum.c" <<-'END'
		#include <node_api.h>
		static napi_value sum(napi_env env, napi_callback_info info)
		{
			napi_value args[2], result;
			size_t n = 2;
			double a, b;

			napi_get_cb_info(env, info, &n, args, NULL, NULL);
			napi_get_value_double(env, args[0], &a);
			napi_get_value_double(env, args[1], &b);
			napi_create_double(env, a + b, &result);
			return result;
		}
		NAPI_MODULE_INIT()
		{
			napi_value function;

			napi_create_function(env, "sum", 3, sum, NULL, &function);
			napi_set_named_property(env, exports, "sum", function);
			return exports;
		}
	END
}

make_java() {
	cat >"$CASES/Hello.java" <<-'END'
		import java.io.*;
		import java.nio.file.*;
		import java.util.*;
		import java.util.stream.*;

		public class Hello {
		    public static void main(String[] args) throws Exception {
		        Path dir = Files.createDirectories(Path.of("java/a/b"));
		        Files.writeString(dir.resolve("file"), "text\n");
		        Files.copy(dir.resolve("file"), Path.of("java/copy"),
		            StandardCopyOption.REPLACE_EXISTING);
		        Files.move(Path.of("java/copy"), Path.of("java/moved"),
		            StandardCopyOption.REPLACE_EXISTING,
		            StandardCopyOption.ATOMIC_MOVE);
		        Files.deleteIfExists(Path.of("java/link"));
		        Files.createSymbolicLink(Path.of("java/link"), Path.of("a"));
		        try (Stream<Path> all = Files.walk(Path.of("java"))) {
		            all.map(Path::toString).sorted().forEach(System.out::println);
		        }
		        Path temporary = Files.createTempFile("x", ".txt");
		        System.out.println(Files.size(temporary));
		        Files.delete(temporary);
		        Process process = new ProcessBuilder("echo", "child").start();
		        System.out.print(new String(process.getInputStream().readAllBytes()));
		        System.out.println(process.waitFor());
		        System.out.println(IntStream.range(0, 1000).parallel().sum());
		        try (RandomAccessFile file = new RandomAccessFile("java/moved", "rw")) {
		            file.getChannel().map(
		                java.nio.channels.FileChannel.MapMode.READ_WRITE, 0, 8)
		                .put(0, (byte) 'T');
		            System.out.println(file.getChannel().lock().isValid());
		        }
		        try {
		            Files.readString(Path.of("nothing"));
		        } catch (NoSuchFileException error) {
		            System.out.println(error.getMessage());
		        }
		    }
		}
	END
}

# A package with one dependency that brings a program, all from a tarball.
make_npm() {
	mkdir -p "$CASES/npm/lib"
	[ -d "$modules/semver" ] || return
	command -v npm >/dev/null || return
	(cd "$CASES/npm" && npm_config_cache=$TMP/npm-cache npm pack --silent \
		--offline --ignore-scripts "$modules/semver" "$modules/ms") >/dev/null 2>&1
	cat >"$CASES/npm/package.json" <<-END
		{
		  "name": "box", "version": "1.0.0", "main": "lib/index.js",
		  "bin": { "box": "lib/index.js" }, "files": ["lib"],
		  "scripts": {
		    "version": "semver 1.2.3",
		    "prebuild": "node -e \"console.log('before')\"",
		    "build": "node lib/index.js",
		    "test": "node lib/index.js && semver 1.0.0 -i patch >out && cat out"
		  },
		  "dependencies": {
		    "ms": "file:$(basename "$CASES"/npm/ms-*.tgz)",
		    "semver": "file:$(basename "$CASES"/npm/semver-*.tgz)"
		  }
		}
	END
	cat >"$CASES/npm/lib/index.js" <<-'END'
		#!/usr/bin/env node
		const ms = require('ms');
		console.log(ms('2 days'), process.argv.slice(2), process.env.npm_lifecycle_event);
	END
	(cd "$CASES/npm" && npm_config_cache=$TMP/npm-cache npm install --offline \
		--package-lock-only --no-audit --no-fund) >/dev/null 2>&1 ||
		diag "no lock file could be made"
	make_npm_cache
}

# The same again as it is everyday: the lock names a registry, and npm has what
# it needs in its cache, by integrity.
make_npm_cache() {
	mkdir -p "$CASES/npm-cached"
	cp -R "$CASES/npm/lib" "$CASES/npm-cached/"
	(cd "$CASES/npm" && for tarball in *.tgz; do
		npm_config_cache=$CASES/npm-cached/cache npm cache add "./$tarball"
	done) >/dev/null 2>&1
	for file in package.json package-lock.json; do
		cp "$CASES/npm/$file" "$CASES/npm-cached/$file"
		edit_json "$CASES/npm-cached/$file" '
root = m.get("packages", {}).get("", m)
for name, value in root["dependencies"].items():
    root["dependencies"][name] = value.split("-")[-1][:-len(".tgz")]
for path, package in m.get("packages", {}).items():
    if "resolved" in package:
        package["resolved"] = ("https://registry.invalid/" +
                               package["resolved"].split(":")[1])'
	done
	rm -rf "$CASES/npm-cached/cache/_logs"
}

# What the cases work on; the same again for each run. They work beside what
# is carved out: a program is not executed right above a carve-out when it was
# made after the start.
make_work() {
	rm -rf "${work:?}"
	mkdir -p "$here/data/sub" "$here/home" "$here/tmp" "$work/closed"
	(
		cd "$here/data" || exit
		echo content of the file >file
		printf '%s\n' cherry apple banana >words
		echo deep >sub/deep
		: >empty
		: >.hidden
		: >old
		echo '{"json": true}' >data.json
		ln file hard
		ln -s file to-file
		ln -s sub to-sub
		ln -s nothing dangling
		ln -s loop loop
		mkfifo fifo
		# shellcheck disable=SC2016 # the script's own
		printf '#!/bin/sh\necho "script $0 $*"\n' >script.sh
		echo 'echo sourced' >source.sh
		chmod 755 script.sh
		cp words read-only
		chmod 444 read-only
		find . -depth -exec touch -h -d '2020-02-02 02:02:02' {} +
		touch -h -d '2019-01-01 01:01:01' to-file old
	)
	echo SECRET >"$work/closed/secret"
	# shellcheck disable=SC2154 # tap_uid is set by tap.sh
	[ "$WHO" = root ] || ! is_root || chown -hR "$tap_uid:$tap_uid" "$work"
}

# Everything but what says when it was made.
tree() {
	(
		cd "$here" || exit
		find . -printf '%P %y %m %U:%G %n %l\n' | sort
		find . -type f ! -path '*/.git/index' ! -path '*/.git/worktrees/*/index' \
			! -name '*.pyc' ! -name '*.tar' ! -name .package-lock.json \
			! -name '*-debug-0.log' -exec sha256sum {} + | sort -k 2
	) | sed "s/[0-9_T-]\{15,\}Z-debug/TIME-debug/"
}

# Root without capabilities, as it is under us.
no_caps=
! is_root || no_caps="setpriv --bounding-set=-all --inh-caps=-all"

# Who starts the program, and what it is; a session needs a terminal.
driver() {
	case $case in
	session) echo timeout -k 5 60 python3 "$CASES/programs-session.py" ;;
	*) echo timeout -k 5 60 ;;
	esac
}

program() {
	case $case in
	session) echo bash --norc -i ;;
	*) echo sh "$CASES/programs.sh" "$case" ;;
	esac
}

# perform OUTPUT WORD...: the WORDs before the program.
perform() {
	performed=$1
	shift
	make_work
	# shellcheck disable=SC2046,SC2086 # words without blanks
	(
		ulimit -f 262144
		as_who $no_caps env -i -C "$here" PATH="$PATH" HOME="$here/home" \
			TMPDIR="$here/tmp" LC_ALL=C TZ=UTC CASES="$CASES" NODE="$node" \
			MODULES="$modules" \
			$(driver) "$@" $(program)
	) >"$performed.out" 2>"$performed.err" </dev/null
	echo "status $?" >>"$performed.out"
	grep -v '^nssupervise' "$performed.err" >>"$performed.out"
	tree >"$performed.tree"
}

# The flags of a way to grant; the devices and files that a case needs besides.
flags_of() {
	way=$1
	case $way in
	plain) set -- --allow-fs-read="$work" ;;
	carved) set -- --allow-fs-read="$work" --deny-fs-read="$work/closed" ;;
	pattern) set -- --allow-fs-read="$TMP/$WHO/w*" ;;
	metadata) set -- --allow-fs-read="$work" --allow-fs-metadata ;;
	esac
	case $case in
	python)
		# Semaphores and shared memory; a terminal of its own; servers
		# that other processes of it connect to.
		set -- "$@" --allow-fs-read=/dev/shm,/dev/ptmx,/dev/pts \
			--allow-fs-write=/dev/shm,/dev/ptmx,/dev/pts \
			--allow-unix="$here/tmp"
		;;
	node*) set -- "$@" --allow-net --allow-worker ;;
	addon) set -- "$@" --allow-addons ;;
	tsc) set -- "$@" --allow-fs-read="$modules" ;;
	git)
		# Asked for by name first, so the profile's ENOENT comes too late.
		[ "$way" != metadata ] || [ ! -e /etc/gitconfig ] ||
			set -- "$@" --allow-fs-read=/etc/gitconfig
		;;
	java)
		for etc in /etc/java-*; do
			set -- "$@" --allow-fs-read="$etc"
		done
		;;
	esac
	echo "$@" --allow-fs-write="$work" --allow-fs-read="$CASES" \
		--allow-fs-read="$(dirname "$(dirname "$node")")" \
		--allow-fs-read=/etc/passwd,/etc/group --allow-child-process
}

same() {
	if cmp -s "$TMP/alone.$1" "$TMP/guarded.$1"; then
		pass "$2"
	else
		fail "$2"
		diag "$(diff "$TMP/alone.$1" "$TMP/guarded.$1" | head -n 30)"
	fi
}

check_way() {
	# shellcheck disable=SC2046 # words without blanks
	perform "$TMP/guarded" "$NSSUPERVISE" $(flags_of "$1") --
	same out "$WHO, $1: $case prints the same"
	same tree "$WHO, $1: $case leaves the same tree"
	is "$(grep '^nssupervise: denied' "$TMP/guarded.err" |
		grep -Ev "$(looks_outside)" | head -n 5)" "" \
		"$WHO, $1: $case: nothing is reported"
}

# What a program really asks for and does well without.
looks_outside() {
	case $case in
	# Limits of the machine, who attaches, what a child is called.
	java) printf '%s' '/proc/cgroups|/sys/kernel/mm/hugepages|/sys/fs/cgroup|' \
		'/coredump_filter|/[.]java_pid|/proc/[0-9]+/stat' ;;
	# There, but a matter of file(1) alone.
	files) echo '/etc/magic' ;;
	# It sets the resolver up, though it asks nothing.
	npm) echo '/etc/resolv[.]conf' ;;
	# The home directory that the machine knows.
	sqlite) echo '/[.]sqliterc ' ;;
	*) echo '^$' ;;
	esac
}

# What shows that a case did its work, as an extended regular expression.
sign() {
	case $case in
	shell) echo '^script ./data/script.sh one two$' ;;
	bash) echo '^tested$' ;;
	session) echo '^status 5$' ;;
	files) echo '^644 data/file 20 ' ;;
	archives) echo '^patching file data/words$' ;;
	sqlite) echo '^Error: .*database is locked' ;;
	rsync) echo '^>f.* file$' ;;
	git) echo '^v1-1-g' ;;
	make) echo '^greetings, world$' ;;
	python) echo '^threads: .120, True.$' ;;
	venv) echo '^greeting$' ;;
	perl) echo '^OPEN THREE$' ;;
	tsc) echo '^compiled 42$' ;;
	node*) echo '^clustered: .true,.200,"worker"..$' ;;
	npm) echo '^172800000 .* test$' ;;
	addon) echo '^42$' ;;
	java) echo '^499500$' ;;
	esac
}

runs_own_programs() {
	case $case in
	shell | bash | make | npm) ;;
	*) return 1 ;;
	esac
}

lacks() {
	case $case in
	shell | files) ;;
	session) command -v bash && command -v python3 ;;
	archives) command -v patch && command -v zip && command -v unzip ;;
	sqlite) command -v sqlite3 ;;
	python | venv) command -v /usr/bin/python3 ;;
	node | node-*) [ -n "$node" ] ;;
	tsc) [ -d "$modules/typescript" ] ;;
	npm) [ -f "$CASES/npm/package-lock.json" ] ;;
	addon) [ -f "$(dirname "$node")/../include/node/node_api.h" ] ;;
	java) command -v javac ;;
	*) command -v "$case" ;;
	esac >/dev/null && return 1
	return 0
}

PATH=/usr/local/bin:/usr/bin:/bin
make_cases
for WHO in $(identities); do
	work=$TMP/$WHO/work
	here=$work/here
	mkdir -p "$TMP/$WHO"
	chmod 755 "$TMP/$WHO"
	for case in $cases; do
		case $case in
		node-*) node=$(node_path "${case#*-}") ;;
		*) node=$(default_node) ;;
		esac
		if lacks; then
			skip "$WHO: no $case here"
			continue
		fi
		perform "$TMP/alone"
		like "$(cat "$TMP/alone.out")" "$(sign)" "$WHO: $case works"
		[ -z "${PROGRAMS_KEEP-}" ] || cp "$TMP"/alone.* "$PROGRAMS_KEEP/"
		for way in $ways; do
			if [ "$way" = pattern ] && runs_own_programs; then
				skip "$WHO, pattern: nothing granted by a pattern is run"
				continue
			fi
			check_way "$way"
			[ -z "${PROGRAMS_KEEP-}" ] || cp "$TMP"/guarded.* "$PROGRAMS_KEEP/"
		done
	done
done
done_testing

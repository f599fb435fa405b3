#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Everyday work, one case a run, in the working directory: programs.t compares
# what it prints and leaves behind with and without nssupervise. What differs
# from run to run (process numbers, inodes, the clock) is not printed.
#
#   programs.sh CASE    with HOME, TMPDIR, CASES (beside this file), NODE, MODULES

set -u
umask 022

# The case goes on, so that one difference does not hide the others.
try() {
	"$@" 2>&1
	try_status=$?
	[ "$try_status" -eq 0 ] || echo "status $try_status: $1"
}

git_setup() {
	export GIT_AUTHOR_NAME=Author GIT_AUTHOR_EMAIL=author@localhost
	export GIT_COMMITTER_NAME=Author GIT_COMMITTER_EMAIL=author@localhost
	export GIT_AUTHOR_DATE='2024-01-02T03:04:05Z'
	export GIT_COMMITTER_DATE="$GIT_AUTHOR_DATE" GIT_PAGER=cat
	git config --global init.defaultBranch main
	git config --global pack.threads 1
	git config --global gc.auto 0
}

case_git() {
	git_setup
	try git init project
	cd project || return
	cp -R ../data .
	try git add .
	try git commit -m first
	echo more >>data/file
	ln -s data/file link
	chmod +x data/file
	try git status --short
	try git diff --stat
	try git add -A
	try git commit -m second
	try git log --stat --format='%h %an %ad %s'
	echo unfinished >>data/file
	echo new >untracked
	try git stash push -u
	try git stash list
	try git checkout -b other HEAD~1
	echo branch >branch.txt
	try git add branch.txt
	try git commit -m third
	try git checkout main
	try git merge -m merged other
	try git stash pop
	try git stash drop
	try git tag -a v1 -m 'version 1'
	try git gc --quiet --prune=now
	try git fsck --strict
	try git clone ../project ../clone
	try git clone --no-local ../project ../packed
	try git clone --branch other "file://$PWD" ../filed
	try git -C ../filed log --oneline -n 1
	try git init -q --bare ../bare
	try git push -q ../bare main other:renamed
	try git -C ../bare for-each-ref
	try git fetch -q ../filed other
	try git branch -D other
	try git branch -a --contains HEAD
	try git -C ../clone log --oneline --graph
	try git grep -n more
	try git mv data/file data/renamed
	try git rm -q link
	try git commit -q -m moved
	try git rebase -q HEAD~1
	try git worktree add ../worktree other
	try git archive --format=tar -o ../archive.tar HEAD
	try git hash-object ../archive.tar
	try git describe
}

case_make() {
	cp -R "$CASES/project" project
	cd project || return
	try make
	try ./hello
	try ./hello-static
	try make
	touch greet.h
	try make -s
	try make -s clean
	try make -j4 -s all
	try make install DESTDIR="$PWD/../root"
	try make fail
	try gcc -E -dM -x c /dev/null -o macros.h
	grep -c define macros.h
	try ld --version >ld.txt
	try nm libgreet.a | sed 's/^[0-9a-f]*//'
	try strip hello
	try ./hello
	rm -f macros.h ld.txt
	ls "$TMPDIR"
}

case_python() {
	try python3 "$CASES/programs.py"
}

case_venv() {
	try python3 -m venv --without-pip venv
	try venv/bin/python -c 'import sys; print(sys.prefix, sys.executable)'
	mkdir package
	echo 'def greet(): return "greeting"' >package/__init__.py
	echo 'import package; print(package.greet())' >main.py
	try venv/bin/python main.py
	try venv/bin/python -m compileall -q package
	try venv/bin/python -m unittest discover -q -s package
	try venv/bin/python -m zipfile -c out.zip package/__init__.py
	try venv/bin/python -m json.tool "$CASES/data.json"
	rm -f out.zip
	rm -rf package/__pycache__
}

case_files() {
	try tar -cf all.tar data
	try tar -tvf all.tar
	mkdir unpacked
	try tar -xpf all.tar -C unpacked
	try tar -czf all.tgz --sort=name --mtime=@0 data
	try tar -xzf all.tgz -C unpacked --overwrite
	rm -f all.tgz
	try cp -a data copied
	try cp -aT data copied
	try cp -al data linked
	try cp -as "$PWD/data" symlinked
	try cp --reflink=auto --sparse=always data/file sparse
	try diff -r data copied
	find data copied unpacked -printf '%p %y %m %TY-%Tm-%Td %n %l\n' | sort
	try sed -i 's/content/changed/' copied/file
	try sed -i.bak 's/b/B/' copied/sub/deep
	try install -D -m 750 data/file installed/bin/tool
	try install -D data/file "$PWD/absolute/bin/tool"
	try mkdir -p "$PWD/absolute/lib/deep"
	try install -d -m 2775 installed/shared
	try mv copied/sub copied/moved
	try mv -T copied/moved copied/back
	try ln -s back/deep copied/to-deep
	try ln -sfn .. copied/to-up
	try ln copied/file copied/hard
	try ln -sr copied/file installed/relative
	try readlink -f copied/to-up/data/to-file
	try realpath installed/relative
	try touch -h -d '2021-02-03' copied/to-deep
	try touch -r data/file copied/hard
	try chmod -R go-w,o-x installed
	try chmod u+s,+t installed/bin/tool
	try truncate -s 100 copied/hard
	try dd if=/dev/zero of=zeros bs=4k count=3 conv=notrunc,fsync status=none
	try split -b 5000 zeros part-
	try cat part-aa part-ab part-ac | cmp - zeros
	try shred -u part-aa
	try rm -r copied/back symlinked
	try rmdir nothing
	try mkdir -p -m 700 a/b/c
	try mkdir a/b
	try find data copied installed -newer data/old -type f -print \
		-exec basename {} \; | sort
	try find data -type f -empty -delete
	try find linked -depth -name 'd*' -execdir rm -r {} +
	try du -s --apparent-size data/file
	try stat -c '%a %n %s %A %F %N' data/file data/to-file data/fifo
	try test -w data/file -a ! -x data/file
	command -v file >/dev/null && try file -b data/file
	try cat data/read-only data/nothing
}

# Owners, times, attributes, several names of one file, holes.
case_archives() {
	truncate -s 300k data/hole
	echo end >>data/hole
	if command -v setfattr >/dev/null; then
		setfattr -n user.note -v noted data/file 2>/dev/null
	fi
	chmod 4750 data/script.sh
	touch -d '2021-03-04 05:06:07.123456789' data/script.sh
	try tar --xattrs --xattrs-include='*' --numeric-owner --sparse --sort=name \
		-cf all.tar data
	try tar --xattrs -tvvf all.tar
	mkdir same
	try tar --xattrs --xattrs-include='*' --same-owner --atime-preserve \
		-xpSf all.tar -C same
	try tar --compare --xattrs -f all.tar
	try tar --delete -f all.tar data/words
	try tar -rf all.tar data/words
	try tar --keep-newer-files -xf all.tar -C same
	mkdir only
	try tar -cf - data | tar -xf - -C only --strip-components=1 \
		--exclude='to-*'
	try cp -a --attributes-only data/file attributes
	try cp -a data again
	find same only again attributes -printf '%p %y %m %U:%G %n %s %b %l\n' | sort
	find same only again attributes ! -newermt 2022-01-01 -printf '%p %T+\n' |
		sort
	if command -v getfattr >/dev/null; then
		getfattr -R -d same again | sort
	fi
	try zip -qry out.zip data -x data/fifo data/hole
	try unzip -Zl out.zip | cut -c1-10,55-
	mkdir unzipped
	try unzip -q out.zip -d unzipped
	try unzip -p out.zip data/words
	try zip -q -d out.zip data/empty
	try gzip -9 -k -n data/words
	try gunzip -c data/words.gz
	command -v xz >/dev/null && try xz -k data/file && try xzcat data/file.xz
	command -v bzip2 >/dev/null && try bzip2 -k data/file
	cp -R data changed
	printf '%s\n' fig cherry apple >changed/words
	echo new >changed/new
	rm changed/sub/deep
	diff -ruN --no-dereference -x fifo -x '*z*' data changed |
		sed 's/\t[0-9:. +-]*$//' >change.patch
	try patch -p1 --dry-run -d data <change.patch
	try patch -b -p0 <change.patch
	try patch -R -p0 <change.patch
	cat change.patch
	find data -type f ! -name '*z*' -print0 | sort -z |
		xargs -0 -P 4 -n 1 sha256sum | sort
	rm -f all.tar out.zip data/*z* data/hole same/data/hole again/hole
}

case_sqlite() {
	printf '%s\n' 'pragma journal_mode=wal;' 'create table t (n integer);' \
		'insert into t values (1), (2);' | try sqlite3 base.db
	# Another process writes meanwhile; this one waits for it.
	(printf '%s\n' 'begin immediate;' 'insert into t values (3);'
		sleep 0.4
		echo 'commit;') | sqlite3 base.db &
	sleep 0.2
	try sqlite3 -cmd '.timeout 5000' base.db 'select count(*) from t;' \
		'insert into t values (4);'
	wait
	try sqlite3 base.db 'select sum(n) from t; pragma journal_mode=delete;'
	(printf '%s\n' 'begin exclusive;' 'insert into t values (5);'
		sleep 0.4
		echo 'rollback;') | sqlite3 base.db &
	sleep 0.2
	try sqlite3 base.db 'insert into t values (6);'
	wait
	try sqlite3 base.db 'vacuum;' '.dump' 'pragma integrity_check;'
	try sqlite3 base.db ".backup copy.db"
	try sqlite3 "file:base.db?mode=ro&immutable=1" 'select max(n) from t;'
	try sqlite3 copy.db 'select count(*) from t;' '.import data/words w' \
		'select * from w;'
	rm -f base.db copy.db
}

case_rsync() {
	try rsync -aH --delete data/ synced
	echo more >>data/file
	rm -f data/sub/deep
	try rsync -aHi --delete --checksum data/ synced
	try rsync -an --itemize-changes data/ synced
	ln data/words data/words-too
	try rsync -aHAXS --delete --link-dest="$PWD/synced" data/ linked
	try rsync -aH --inplace --partial --backup data/ synced
	find linked synced -printf '%p %y %m %n %l\n' | sort
	find linked synced ! -newermt 2022-01-01 -printf '%p %T+\n' | sort
	echo one line more >>data/words
	try rsync -aH --delete --delay-updates --temp-dir="$TMPDIR" data/ linked
	try rsync -a --remove-source-files data/sub/ moved
	try rsync -a --files-from=- data chosen <<-END
		words
		to-file
	END
}

case_shell() {
	mkfifo pipe
	(seq 1 2000 >pipe) &
	sort -T "$TMPDIR" -S 16k -rn pipe | head -n 3
	wait
	seq 1 20000 | sort -R | sort -n -T "$TMPDIR" -S 64k --parallel=2 | md5sum
	seq 1 5 | tee copy
	name=$(mktemp) && echo atomic >"$name" && mv "$name" moved
	cat moved
	directory=$(mktemp -d ./dir.XXXXXX) && rmdir "$directory" && echo gone
	flock lock sh -c 'flock -n lock true || echo locked'
	(
		flock 9
		echo inside
	) 9>lock
	flock -s lock flock -s -n lock echo shared
	cat <<-END | tr '[:lower:]' '[:upper:]'
		here $(pwd | wc -l)
	END
	exec 5<data/file 6>out 7<>both
	cat <&5 >&6
	echo both >&7
	cat /dev/fd/5 /proc/self/fd/5
	exec 5<&- 6>&- 7>&-
	cat out both
	echo append >>out
	set -C
	(echo clobber >out) 2>/dev/null || echo 'not clobbered'
	set +C
	printf '%s\n' data/* data/.h* data/n?thing
	cd data && pwd && cd - >/dev/null && cd data/to-sub && pwd -P && cd ../..
	find data/file -newer data/old
	trap 'echo trapped' USR1
	kill -USR1 $$
	(sleep 0.05; exit 3) &
	wait $!
	echo "status $?"
	timeout 0.2 sleep 5
	echo "status $?"
	nohup echo kept 2>/dev/null
	xargs -n 2 -P 2 echo <copy | sort
	awk '{ s += $1 } END { print s; print s >"sum"; close("sum");
		while (("cat sum" | getline x) > 0) print "read", x }' copy
	seq 1 3 | while read -r n; do echo "$n" | (read -r m; echo "<$m>"); done
	env -i "$(command -v printenv)" | wc -l
	nice -n 5 nice
	id -u | grep -c .
	test -t 0 || echo 'no terminal'
	./data/script.sh one two
	ls -l data/script.sh >listed && cut -c1-10 listed && rm listed
	sh -c 'echo $0 "$@"' name arg
	cat nothing
	./nothing
	echo "status $?"
	nosuchprogram
	echo "status $?"
	./data/file
	echo "status $?"
	rm -f copy
}

case_bash() {
	try bash "$CASES/programs.bash"
}

case_perl() {
	try perl "$CASES/programs.pl"
}

case_java() {
	cp "$CASES/Hello.java" .
	try javac -J-XX:-UsePerfData Hello.java
	export JAVA_TOOL_OPTIONS="-Djava.io.tmpdir=$TMPDIR"
	try java -XX:-UsePerfData -Xshare:auto Hello
	try java -XX:-UsePerfData Hello.java
}

case_node() {
	try "$NODE" "$CASES/programs.js"
}

case_tsc() {
	mkdir tsc && cd tsc || return
	echo '{"compilerOptions": {"outDir": "out", "types": [], "declaration": true,
		"incremental": true}, "files": ["main.ts"]}' >tsconfig.json
	echo 'export const text: string = "42";' >lib.ts
	echo 'import { text } from "./lib"; console.log("compiled", text);' >main.ts
	echo 'const wrong: number = "text";' >wrong.ts
	try "$NODE" "$MODULES/typescript/bin/tsc" -p .
	try "$NODE" "$MODULES/typescript/bin/tsc" --noEmit wrong.ts
	try "$NODE" out/main.js
}

case_npm() {
	export npm_config_cache="$PWD/home/cache" npm_config_update_notifier=false
	export npm_config_globalconfig="$PWD/home/npmrc"
	export npm_config_audit=false npm_config_fund=false npm_config_offline=true
	cp -R "$CASES/npm" npm
	cd npm || return
	try npm ci | sed 's/in [0-9.]*m\{0,1\}s$/in a while/'
	find node_modules/.bin -printf '%f %l\n'
	try npm run -s version
	try npm run -s build -- argument
	try npm test -s
	try npm ls
	try npm exec -- semver 1.2.3 -i minor
	try npm pack --silent
	try tar -tzf box-1.0.0.tgz
	rm -rf ../home/cache box-1.0.0.tgz
	cp -R "$CASES/npm-cached/cache" ../home/cache
	cp -R "$CASES/npm-cached" ../cached
	cd ../cached || return
	rm -rf cache
	try npm ci | sed 's/in [0-9.]*m\{0,1\}s$/in a while/'
	try npm ls
	try npm test -s
	rm -rf ../home/cache
}

case_addon() {
	cp -R "$CASES/addon" addon
	cd addon || return
	try gcc -shared -fPIC -I"$(dirname "$NODE")/../include/node" -o sum.node \
		sum.c
	try "$NODE" -p 'require("./sum.node").sum(40, 2)'
}

"case_${1%%-*}"
exit 0

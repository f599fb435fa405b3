#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# given.sh WORLD: by root, what belongs to others, is full or cannot be changed.
# WORLD/small is a small file system of its own; WORLD/fixed becomes read-only.
set -eu
other=12345
umask 022

cd "$1/given"
echo theirs >theirs
echo secret >secret
mkdir theirs-dir secret-dir sticky sticky/dir group acl open
echo file | tee theirs-dir/file secret-dir/file sticky/theirs group/file \
	acl/file >open/theirs
ln -s theirs sticky/link
mkfifo sticky/fifo
chmod 600 secret
chmod 666 sticky/theirs sticky/fifo
chown -R -h $other:$other .
chmod 700 secret-dir
chmod 1777 sticky
chmod 2777 group
chmod 777 open acl
setfacl -d -m u::rwx,g::r-x,o::---,u:$other:rwx acl 2>/dev/null || :
mknod null c 1 3
mknod zero c 1 5
mknod device b 240 240
chmod 666 null zero device
cp ../program program
chmod 4755 program

cd "$1/fixed"
echo file >file
mkdir dir
ln -s file link
mkfifo fifo
chmod 666 file fifo
chmod 777 . dir

cd "$1/small"
echo file >file
echo fixed | tee fixed >appended
mkdir fixed-dir
chmod 666 file fixed appended
chmod 777 fixed-dir
# Not on every file system: then it is an ordinary file, in each run.
chattr +i fixed fixed-dir 2>/dev/null || :
chattr +a appended 2>/dev/null || :

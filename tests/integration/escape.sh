#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The operations of tests/target.c that a shell can make by itself. It cannot
# tell one error from another: a refusal is EACCES when the shell says so.

attempt() {
	case $1 in
	read | line)
		{ read -r text <"$2"; } 2>/dev/null || {
			# An empty file is no refusal.
			[ -r "$2" ] || return 1
			{ : <"$2"; } 2>/dev/null || return 1
		}
		[ "$1" = read ] || result=$text
		;;
	write) { printf '%s' "$3" >"$2"; } 2>/dev/null ;;
	stat) [ -e "$2" ] ;;
	list)
		set -- "$2"/*
		[ -e "$1" ]
		;;
	chdir) cd "$2" 2>/dev/null || return 1 ;;
	*) return 2 ;;
	esac
}

for argument in "$@"; do
	saved=$IFS
	IFS=:
	# shellcheck disable=SC2086 # the words of the argument
	set -- $argument
	IFS=$saved
	result=OK
	attempt "$@"
	case $? in
	0) ;;
	2) continue ;;
	*) result=EACCES ;;
	esac
	echo "$*: $result"
done

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# hold.sh WORLD COMMAND [ARG]...
# Runs COMMAND where nothing but WORLD can be changed, whoever runs it: what is
# tried here is tried outside of the sandbox too, and root owns the machine.
# Status 97: this place has no mount namespaces.
set -eu

if [ "${1-}" != --inside ]; then
	exec unshare --mount --propagation private sh "$0" --inside "$@" ||
		exit 97
fi
shift
world=$1
shift
cd /
{
	mount --bind "$world" "$world"
	mount --bind "$world/small" "$world/small"
	mount -t tmpfs -o size=64k,mode=777 none "$world/small"
	mount --bind "$world/fixed" "$world/fixed"
	sh "${0%/*}/given.sh" "$world"
	mount -o remount,bind,ro "$world/fixed"
	# A mount on a mount is named twice: the upper one counts.
	while read -r _ _ _ _ place _; do
		case $place in
		"$world" | "$world"/*) ;;
		/proc | /proc/* | /sys/*) ;;
		*) mount -o remount,bind,ro "$place" ;;
		esac
	done </proc/self/mountinfo
} 2>/dev/null || exit 97
# Proof, before anything is tried.
if (: >>"${world%/*}/.held") 2>/dev/null; then
	exit 97
fi
exec "$@"

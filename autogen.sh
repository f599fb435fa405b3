#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes configure from configure.ac; needs autoconf, automake, pkg-config.
set -eu
cd "$(dirname "$0")"
for tool in autoconf automake pkg-config; do
	command -v "$tool" >/dev/null 2>&1 || {
		echo "autogen.sh: $tool is missing; tools/setup installs it" >&2
		exit 1
	}
done
exec autoreconf --force --install --warnings=all

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The catalogue of attacks on us, as root and as a user: a result for each row
# and identity. Each attack first succeeds without us.
. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/attack/catalogue/catalogue" ] ||
	skip_all "the catalogue is not built"
command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"

# The plan and the results are those of the program.
# shellcheck disable=SC2034
tap_is_done=1
sh "$top_srcdir/tools/attack" --sandbox @nssupervise --tap --race 1

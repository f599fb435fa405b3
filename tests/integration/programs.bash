# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What bash has beyond the Bourne shell.

diff <(sort data/words) <(sort -r data/words)
while read -r line; do
	echo "read $line"
done < <(printf '%s\n' one two)
echo text | tee >(tr '[:lower:]' '[:upper:]' >upper) >/dev/null
sleep 0.2
cat upper
coproc cat
echo through >&"${COPROC[1]}"
read -r line <&"${COPROC[0]}"
echo "$line"
eval "exec ${COPROC[1]}>&-"
wait
exec {number}>numbered
echo numbered >&"$number"
exec {number}>&-
cat numbered
shopt -s globstar nullglob dotglob
printf '%s\n' data/**/d*
cat <<<'a string'
mapfile -t words <data/words
echo "${#words[@]} ${words[1]}"
pushd data >/dev/null && popd >/dev/null || exit
type -t cat cd
command -v cat
hash -r
# shellcheck source=/dev/null
source data/source.sh
[[ -p data/fifo && -L data/to-file && -x data/script.sh && ! -e nothing ]] &&
	echo tested
(echo "$BASH_SUBSHELL")
set -o pipefail
false | true
echo "status $?"
(ulimit -n 64; ulimit -n)
printf '%(%Y)T\n' 0
read -r -t 0.1 -u 3 3<>data/fifo || echo 'nothing to read'
bash -ic 'echo interactive; alias x=y; alias' </dev/null 2>/dev/null
bash -lc 'echo login' 2>/dev/null

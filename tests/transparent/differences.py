# SPDX-License-Identifier: Apache-2.0
"""What differs inside, and why: doc/TRANSPARENCY.md has the same names.

rows: (id, outcome outside, outcome inside), regular expressions that match
from the start. Each explanation must be needed in one of its runs, so that
what no longer differs does not stay in the list; "may be missing" is for what
depends on time or on who runs it.
"""
ERROR = r"E[A-Z0-9]+( =)?( \| .*)?$"
ANY = r""
FILES = "user-whole user-carve root-carve"
NET = "user-net_1 root-net_1"
CARVED = "user-carve root-carve"

DIFFERENCES = [
    {
        "name": "not granted",
        "runs": FILES,
        "rows": [
            (r"paths .*'(/|//|/\.|/\.\.|/\.\./\.\.|/dev/null/x)'", ANY,
             r"EACCES|exit 13"),
            (r"openat2 (dir, )?'/(file|inner|\.\.|\.\./inner|dev/fd|usr/bin/env)?' ",
             ANY, r"EACCES"),
            (r"pairs .*'/'", ERROR, ERROR),
            (r"exec ./no-interpreter", r".*ENOENT", r".*EACCES"),
        ],
    },
    {
        "name": "two errors at once",
        "runs": FILES + " " + NET,
        "rows": [
            (r"net type 2, length 0", r".*sendto EINVAL",
             r".*sendto EDESTADDRREQ"),
            (r"pairs ", ERROR, ERROR),
            (r"limits .*name of 256 in locked", r"EACCES|exit 13",
             r"ENAMETOOLONG|exit 36"),
            (r"(open|openat2|watches|xattrs) ", ERROR, ERROR),
            (r"xattrs .*flags [34]", r"set E", r"set E"),
            (r"given .*: (mknod|unlink|rmdir|rename)", ERROR, ERROR),
            (r"resources no descriptors", r".*missing EMFILE",
             r".*missing ENOENT"),
            (r"dirfds linkat.*CWD with garbage above, path $", ERROR, ERROR),
            (r"watches .*10000001", r"watch ENOENT", r"watch ENOENT"),
        ],
    },
    {
        "name": "entries of /proc",
        "runs": FILES,
        "rows": [
            (r"paths .*'/proc/self/cwd/?'", ANY, r"EACCES|exit 13"),
            (r"open '/(proc/self|dev/fd)/", ANY, r"EACCES"),
            (r"open '/proc/self/", r"fd 3 .*", r"fd 3 "),
            (r"openat2 '/(proc|dev)/", ANY, r"EACCES|ELOOP|ENOENT"),
            (r"descriptors .* by /(proc|dev)", ANY, r"EACCES"),
        ],
    },
    {
        "name": "RESOLVE_CACHED",
        "runs": FILES,
        "rows": [(r"openat2 .* 20$", ANY, r"EAGAIN"),
                 (r"openat2 how: resolve bit 5", ANY, r"EAGAIN")],
    },
    {
        "name": "a dangling link under a restriction",
        "runs": FILES,
        "rows": [(r"openat2 '(dangling|to-dangling)' creat", r"fd ", r"ELOOP")],
    },
    {
        "name": "O_PATH by openat2",
        "runs": CARVED,
        "rows": [(r"openat2 .* path, ", r"fd ", r"fd .*|ELOOP|ENXIO|EACCES"),
                 (r"openat2 how: flag bit 21", r"fd ", r"fd "),
                 (r"openat2 how: path and flag bit ", r"fd ", r"fd ")],
    },
    {
        "name": "O_NOFOLLOW is not kept",
        "runs": FILES,
        "rows": [(r"open(at2)? .*nofollow", r"fd \d+ flags \d*[4567]\d{5} ",
                  r"fd \d+ flags \d*[0123]\d{5} "),
                 (r"open(at2)? .*(everything|flag bit 17)", r"fd ", r"fd "),
                 (r"numbers open: 1 is (with )?bit 17", r"fd ", r"fd ")],
    },
    {
        "name": "whiteouts",
        "runs": FILES,
        "rows": [
            (r"pairs rename whiteout ", ANY, r"EINVAL"),
            (r"numbers renameat2: 4 is (with bit 2|bit 2 alone|4)$", r"0 ",
             r"EINVAL"),
            (r"numbers mknod(at)?: \d is bit 13", r"0 ", r"EPERM"),
        ],
    },
    {
        "name": "programs by name",
        "runs": FILES,
        "rows": [
            (r"dirfds execveat", r"exit ", r"exit 13"),
            (r"numbers execveat", r"exit ", r"exit 13"),
            (r"exec ((by|from)|.*by )", ANY, ANY),
            (r"exec $", ANY, ANY),
            (r"exec \.\./program", ANY, ANY),
        ],
    },
    {
        "name": "a program that cannot be read",
        "runs": FILES,
        "rows": [(r"exec (a program without r|script without r)", ANY,
                  r"exit |killed")],
    },
    {
        "name": "a deleted directory",
        "runs": FILES,
        "rows": [(r"places deleted directory", ANY, r".*ENOENT"),
                 (r"dirfds .*deleted directory", ANY, r"E|exit 2")],
    },
    {
        "name": "descriptors without a name",
        "runs": FILES,
        "rows": [
            (r"dirfds (f|link|utimensat).*(pipe|socket|memory file|"
             r"deleted file|without a name)", ANY, r"EACCES"),
            (r"errnos (link|stat) unlinked by number", ANY, ANY),
        ],
    },
    {
        "name": "deeper than PATH_MAX",
        "runs": FILES,
        "rows": [(r"places (deep|almost too deep) directory", ANY, ANY)],
    },
    {
        "name": "signals",
        "runs": FILES,
        "rows": [(r"signals FIFO, interrupting", r"EINTR", r"EACCES")],
    },
    {
        "name": "EINTR",
        "runs": FILES,
        "may be missing": True,
        "rows": [(r"signals interrupting", r"300 rounds,$",
                  r"300 rounds, .*EINTR")],
    },
    {
        "name": "RLIMIT_FSIZE",
        "runs": CARVED,
        "rows": [(r"resources small files", ANY, ANY)],
    },
    {
        "name": "devices",
        "runs": CARVED,
        "may be missing": True,  # only root can make one
        "rows": [(r"given given/(null|zero|device): ", ANY, r"EACCES")],
    },
    {
        "name": "the kinds of sockets",
        "runs": "python",
        "may be missing": True,
        "rows": [(r"test\.test_socket\..*UDPLITE", ANY, ANY),
                 (r"test\.test_socket\.TestLinuxAbstractNamespace", r"ok",
                  r"ERROR")],
    },
    {
        "name": "calls that reach others",
        "runs": "python",
        "rows": [
            (r"test\.test_os\.ProgramPriorityTests", r"ok", r"ERROR"),
            (r"test\.test_os\.MemfdCreateTests\.test_memfd_create", r"ok",
             r"ERROR"),
        ],
    },
    {
        "name": "EACCES for what is not there",
        "runs": "python",
        "rows": [(r"test\.test_(import|runpy)\.", r"ok", r"ERROR")],
    },
]

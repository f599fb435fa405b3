/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options: one row for each, and nothing about them elsewhere. */
#include "supervise/optable.h"

#include <string.h>

#include "supervise/optake.h"
#include "supervise/suggest.h"

#define FIELD(field) .offset = offsetof(struct options, field)

static const struct option_row rows[] = {
	{ .name = "allow-fs-read",
	  .value = "PATH[,PATH]...",
	  .kind = OPTION_PATHS,
	  .group = OPTION_GROUP_FILES,
	  .take = take_item,
	  FIELD(allow_fs_read),
	  .help = "Allow reading: open, list, stat, access, readlink, chdir and "
		  "watch. A directory means everything beneath it; a star inside "
		  "a path matches any run of characters, slashes too; a lone * "
		  "means every file." },
	{ .name = "allow-fs-write",
	  .value = "PATH[,PATH]...",
	  .kind = OPTION_PATHS,
	  .group = OPTION_GROUP_FILES,
	  .take = take_item,
	  FIELD(allow_fs_write),
	  .help = "Allow writing, creating, deleting, renaming, linking and "
		  "truncating, and changing mode, owner, times and extended "
		  "attributes." },
	{ .name = "allow-fs-metadata",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_FILES,
	  .take = take_flag,
	  FIELD(allow_fs_metadata),
	  .help = "Do not guard stat, access, readlink, statfs and getxattr of "
		  "any path. Cheaper: these are the most frequent calls." },
	{ .name = "deny-fs-read",
	  .value = "PATH[,PATH]...",
	  .kind = OPTION_PATHS,
	  .group = OPTION_GROUP_FILES,
	  .take = take_item,
	  FIELD(deny_fs_read),
	  .help = "Carve out of what may be read. A denial always wins, and "
		  "holds for files created later." },
	{ .name = "deny-fs-write",
	  .value = "PATH[,PATH]...",
	  .kind = OPTION_PATHS,
	  .group = OPTION_GROUP_FILES,
	  .take = take_item,
	  FIELD(deny_fs_write),
	  .help = "Carve out of what may be written." },
	{ .name = "allow-child-process",
	  .value = "PROGRAM[,PROGRAM]...",
	  .is_optional = true,
	  .kind = OPTION_PATHS,
	  .group = OPTION_GROUP_PROCESSES,
	  .take = take_child,
	  .help = "Allow fork and exec; with a list, only of these programs "
		  "and of the runtime itself." },
	{ .name = "allow-addons",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_PROCESSES,
	  .take = take_flag,
	  FIELD(allow_addons),
	  .help = "Allow native addons and everything else that is loaded as "
		  "code from a file, besides the runtime and its libraries." },
	{ .name = "allow-worker",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_PROCESSES,
	  .take = take_flag,
	  FIELD(allow_worker),
	  .help = "Allow threads beyond those that the runtime itself needs "
		  "(Node: new Worker). Runtimes whose threads are not known "
		  "are not limited; --explain says which." },
	{ .name = "allow-wasi",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_PROCESSES,
	  .take = take_flag,
	  FIELD(allow_wasi),
	  .help = "Allow WASI under Node. What it opens is judged like "
		  "everything else." },
	{ .name = "allow-inspector",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_PROCESSES,
	  .take = take_flag,
	  FIELD(allow_inspector),
	  .help = "Allow the inspector under Node: --inspect, inspector.open(), "
		  "SIGUSR1, and listening on its port." },
	{ .name = "allow-net",
	  .value = "RULE[,RULE]...",
	  .is_optional = true,
	  .kind = OPTION_NAMES,
	  .group = OPTION_GROUP_NETWORK,
	  .take = take_net,
	  .help = "Allow TCP and UDP, and reading CA certificates and resolver "
		  "files. Without a RULE all of it; else only what one of them "
		  "says: HOST, HOST:PORT, :PORT, an address, CIDR or CIDR:PORT to "
		  "connect or send to; listen:PORT, listen:ADDRESS:PORT, "
		  "listen:* to be reached at. Names are resolved when they are "
		  "needed. Without the option there is no network at all." },
	{ .name = "allow-unix",
	  .value = "PATH[,PATH]...",
	  .kind = OPTION_PATHS,
	  .group = OPTION_GROUP_NETWORK,
	  .take = take_item,
	  FIELD(allow_unix),
	  .help = "Allow connecting to, sending to and binding unix sockets "
		  "there; @NAME is an abstract one." },
	{ .name = "allow-env",
	  .value = "NAME[,GLOB]...",
	  .kind = OPTION_NAMES,
	  .group = OPTION_GROUP_NETWORK,
	  .take = take_env,
	  .help = "Pass only these environment variables. Default: all but "
		  "those that make a loader or runtime run other code; such a "
		  "one passes only if it is named here in full." },
	{ .name = "policy",
	  .value = "FILE",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_INTEGRITY,
	  .take = take_text,
	  FIELD(policy),
	  .help = "The manifest: every module must conform to it." },
	{ .name = "policy-integrity",
	  .value = "SRI",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_INTEGRITY,
	  .take = take_text,
	  FIELD(policy_integrity),
	  .help = "The hash of the manifest itself (sha256-..., sha384-..., "
		  "sha512-...), checked before it is parsed." },
	{ .name = "policy-key",
	  .value = "FILE",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_INTEGRITY,
	  .take = take_text,
	  FIELD(policy_key),
	  .help = "The Ed25519 public key (PEM) whose owner must have signed "
		  "the manifest; the signature is in the file MANIFEST.sig, "
		  "made by nspolicy sign." },
	{ .name = "runtime",
	  .value = "auto|NAME|FILE",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_RUN,
	  .take = take_text,
	  FIELD(runtime),
	  .words = "auto node python shell none",
	  .help = "The runtime profile: node, python, shell, none, or a file. "
		  "Default: auto, by the program that the command resolves to." },
	{ .name = "config",
	  .value = "FILE",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_RUN,
	  .is_line_only = true,
	  .help = "Read options from a JSON file: the keys are their names "
		  "without dashes, lists are arrays, flags are booleans. The "
		  "command line adds to it." },
	{ .name = "pass-fd",
	  .value = "N[,N]...",
	  .kind = OPTION_NUMBERS,
	  .group = OPTION_GROUP_RUN,
	  .take = take_pass_fd,
	  .help = "Pass these open descriptors on, besides 0, 1 and 2." },
	{ .name = "wait-all",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_RUN,
	  .take = take_flag,
	  FIELD(wait_all),
	  .help = "When the command ends, wait for what it left running. "
		  "Default: SIGTERM, after two seconds SIGKILL." },
	{ .name = "verifier",
	  .value = "SOCKET",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_RUN,
	  .take = take_text,
	  FIELD(verifier),
	  .help = "Ask the nsverifyd that listens there (a unix socket), which "
		  "serves many runs and keeps what they verified. Default: a "
		  "verifier of its own for each run." },
	{ .name = "landlock-only",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_RUN,
	  .take = take_flag,
	  FIELD(landlock_only),
	  .help = "No supervisor: Landlock and the system call filter, and the "
		  "command in our place. Refused when another option needs "
		  "more; so it wants --allow-fs-metadata or reading everything." },
	{ .name = "degraded",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_RUN,
	  .take = take_flag,
	  FIELD(degraded),
	  .help = "Run although the kernel lacks something; what is lost is "
		  "printed. Default: refuse." },
	{ .name = "report-only",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_RUN,
	  .take = take_flag,
	  FIELD(report_only),
	  .help = "Decide and report as usual, but let through whatever an "
		  "option could allow." },
	{ .name = "learn",
	  .value = "FILE",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_RUN,
	  .take = take_text,
	  FIELD(learn),
	  .help = "Run with --report-only and write the narrowest options that "
		  "would have allowed the run to this file, for --config, each "
		  "with its reason." },
	{ .name = "explain",
	  .value = "text|json",
	  .is_optional = true,
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_ASK,
	  .take = take_explain,
	  .words = "text json",
	  .help = "Print what would be enforced and why, and do not run the "
		  "command." },
	{ .name = "why",
	  .value = "read:PATH|write:PATH|exec:PATH|net:RULE",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_ASK,
	  .take = take_why,
	  .words = "read: write: exec: net:",
	  .help = "Print the decision and the rule behind it. Exit status 0: "
		  "allowed, 1: denied. Needs no command." },
	{ .name = "check",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_ASK,
	  .take = take_check,
	  .help = "Print for each option that is given, or for all of them, "
		  "whether this kernel and this place can enforce it. Exit "
		  "status 0 if so. With --verbose also for each feature of the "
		  "kernel." },
	{ .name = "log",
	  .value = "stderr|FILE|fd:N|journal",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_REPORT,
	  .take = take_log,
	  .words = "stderr journal fd:",
	  .help = "Where denials and other events go. Default: stderr, each "
		  "distinct denial once, with a summary at exit." },
	{ .name = "log-format",
	  .value = "text|json",
	  .kind = OPTION_TEXT,
	  .group = OPTION_GROUP_REPORT,
	  .take = take_log_format,
	  .words = "text json",
	  .help = "One line for people, or one JSON object a line." },
	{ .name = "status-fd",
	  .value = "N",
	  .kind = OPTION_NUMBER,
	  .group = OPTION_GROUP_REPORT,
	  .take = take_status_fd,
	  .help = "Write JSON lines to this descriptor: started, first denial, "
		  "integrity failures, exit." },
	{ .name = "quiet",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_REPORT,
	  .take = take_flag,
	  FIELD(quiet),
	  .help = "No denial lines and no summary on stderr." },
	{ .name = "verbose",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_REPORT,
	  .take = take_flag,
	  FIELD(verbose),
	  .help = "Say more on stderr." },
	{ .name = "version",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_REPORT,
	  .is_line_only = true,
	  .help = "Print the version." },
	{ .name = "help",
	  .kind = OPTION_FLAG,
	  .group = OPTION_GROUP_REPORT,
	  .is_line_only = true,
	  .help = "Print this help." },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

const struct option_row *optable_rows(size_t *ret_n)
{
	*ret_n = N_ROWS;
	return rows;
}

const struct option_row *optable_find(const char *name, size_t len)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (strncmp(rows[i].name, name, len) == 0 &&
		    rows[i].name[len] == '\0')
			return &rows[i];
	return NULL;
}

static const char *name_of(size_t i)
{
	return i < N_ROWS ? rows[i].name : NULL;
}

const char *optable_nearest(const char *name, size_t len)
{
	/* Names of the same thing elsewhere: Node, Deno, getopt habits. */
	static const struct {
		const char *theirs;
		const char *ours;
	} aliases[] = {
		{ "allow-read", "allow-fs-read" },
		{ "allow-write", "allow-fs-write" },
		{ "allow-run", "allow-child-process" },
		{ "allow-ffi", "allow-addons" },
		{ "experimental-policy", "policy" },
		{ "h", "help" },
		{ "V", "version" },
		{ "v", "verbose" },
		{ "q", "quiet" },
	};

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strncmp(aliases[i].theirs, name, len) == 0 &&
		    aliases[i].theirs[len] == '\0')
			return aliases[i].ours;
	return suggest_nearest(name, len, name_of);
}

const char *optable_group(enum option_group group)
{
	static const char *const titles[OPTION_GROUP_MAX] = {
		[OPTION_GROUP_FILES] = "Files",
		[OPTION_GROUP_PROCESSES] = "Processes",
		[OPTION_GROUP_NETWORK] = "Network and environment",
		[OPTION_GROUP_INTEGRITY] = "Integrity",
		[OPTION_GROUP_RUN] = "Running",
		[OPTION_GROUP_ASK] = "Asking without running",
		[OPTION_GROUP_REPORT] = "Messages",
	};

	return titles[group];
}

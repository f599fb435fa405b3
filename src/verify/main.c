/* SPDX-License-Identifier: Apache-2.0 */
/* nsverifyd: judges files by a manifest for the supervisor that started it. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/kernel.h"
#include "common/log.h"
#include "common/proto.h"
#include "verify/confine.h"
#include "verify/integrity.h"
#include "verify/listen.h"
#include "verify/serve.h"
#include "verify/service.h"

#define EXIT_OURS 125 /* our own failure, as in env(1) */

static const char help[] =
	"Usage: nsverifyd [OPTION]...\n"
	"       nsverifyd --help | --version\n"
	"\n"
	"The verifier of nssupervise(1). It loads a manifest, then says of each\n"
	"file it is handed whether the manifest accepts its content.\n"
	"\n"
	"nssupervise starts one for each run, with a SOCK_SEQPACKET socket as\n"
	"descriptor 3. With --listen, or started by a systemd socket unit, one\n"
	"serves many runs (nssupervise --verifier=SOCKET).\n"
	"\n"
	"  --listen=SOCKET    make this socket and serve who connects\n"
	"  --any-user         serve all users, who share nothing. Default: only\n"
	"                     the user that it runs as\n"
	"  --memory=BYTES     for manifests and shared copies of files, with K, M\n"
	"                     or G. Default: 256M\n"
	"  --snapshots=N      copies of files to keep at most. Default: 8192\n"
	"  --sessions=N       runs at the same time. Default: 64\n"
	"  --idle=SECONDS     end after so long without a run\n"
	"  --verbose          log each session\n"
	"  --help             print this text\n"
	"  --version          print the version\n";

struct options {
	struct service_options service;
	const char *path; /* to listen at, or NULL */
	bool is_service;
};

/* Digits, and a unit where there is one: 1024 times, and so on. */
static int parse_number(const char *text, bool has_unit, size_t min, size_t max,
			size_t *ret)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	unsigned long long value;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0)
		return -errno;
	unit = has_unit && *end ? strchr(units, *end) : NULL;
	for (long i = unit ? unit - units : -1; i >= 0; i--)
		if (__builtin_mul_overflow(value, 1024, &value))
			return -ERANGE;
	if (end[unit ? 1 : 0] != '\0')
		return -EINVAL;
	if (value < min || value > max)
		return -ERANGE;
	*ret = (size_t)value;
	return 0;
}

/* "--name=value": the value, or NULL */
static const char *value_of(const char *argument, const char *name)
{
	size_t len = strlen(name);

	return strncmp(argument, name, len) == 0 && argument[len] == '=' ?
		       argument + len + 1 :
		       NULL;
}

static int parse_limit(const char *argument, struct service_options *service)
{
	size_t idle_s = service->idle_s, n_sessions = service->n_sessions;
	size_t n_snapshots = service->n_snapshots;
	const struct {
		const char *name;
		bool has_unit;
		size_t min, max;
		size_t *value;
	} limits[] = {
		{ "--memory", true, 1 << 20, SIZE_MAX / 4, &service->memory },
		{ "--snapshots", false, 0, 1 << 20, &n_snapshots },
		{ "--sessions", false, 1, 1024, &n_sessions },
		{ "--idle", false, 1, 1 << 30, &idle_s },
	};
	const char *text = NULL;
	int r = -ENOENT;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]) && !text;
	     i++) {
		text = value_of(argument, limits[i].name);
		if (text)
			r = parse_number(text, limits[i].has_unit,
					 limits[i].min, limits[i].max,
					 limits[i].value);
	}
	service->n_snapshots = (unsigned)n_snapshots;
	service->n_sessions = (unsigned)n_sessions;
	service->idle_s = (unsigned)idle_s;
	return r;
}

static int print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) ? EXIT_OURS : 0;
}

static int parse_argument(const char *argument, struct options *options)
{
	const char *path = value_of(argument, "--listen");
	int r = 0;

	if (path)
		options->path = path;
	else if (strcmp(argument, "--any-user") == 0)
		options->service.any_user = true;
	else if (strcmp(argument, "--verbose") == 0)
		log_set_level(LOG_LEVEL_INFO);
	else
		r = parse_limit(argument, &options->service);
	if (r == -ENOENT)
		log_error("unknown argument '%s': see --help", argument);
	else if (r < 0)
		log_error("'%s': %s", argument,
			  r == -ERANGE ? "out of range" : "not a number");
	return r;
}

/* Return: -1 to go on, or the status to exit with. */
static int parse_arguments(int argc, char **argv, struct options *options)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print(help);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return print("nsverifyd " PACKAGE_VERSION "\n");
	for (int i = 1; i < argc; i++)
		if (parse_argument(argv[i], options) < 0)
			return EXIT_OURS;
	return -1;
}

static int check_socket(void)
{
	int type = 0;
	int domain = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(NSV_SOCKET_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return -errno;
	len = sizeof(domain);
	if (getsockopt(NSV_SOCKET_FD, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0)
		return -errno;
	return type == SOCK_SEQPACKET && domain == AF_UNIX ? 0 : -EPROTOTYPE;
}

/* What systemd says before the environment is cleared; see sd_listen_fds(3). */
static bool is_activated(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");

	return pid && fds && strtol(pid, NULL, 10) == getpid() &&
	       strcmp(fds, "1") == 0;
}

/* Keeps stderr and the socket; nothing else the caller may have left open. */
static int close_others(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return -errno;
	if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return -errno;
	return kernel_close_range(NSV_SOCKET_FD + 1, ~0U, 0);
}

/* Fewer copies are kept where there are not so many descriptors. */
static int fit_descriptors(struct service_options *service)
{
	unsigned wanted = service_fds(service);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	if (wanted <= limit.rlim_max)
		return 0;
	if (wanted - limit.rlim_max > service->n_snapshots)
		return -EMFILE;
	service->n_snapshots -= wanted - (unsigned)limit.rlim_max;
	return 0;
}

static int prepare(struct options *options, struct hasher **ret_hasher,
		   const char **ret_step)
{
	int r;

	*ret_step = "descriptors";
	r = close_others();
	if (r == 0 && options->is_service)
		r = fit_descriptors(&options->service);
	if (r < 0)
		return r;
	*ret_step = "OpenSSL";
	*ret_hasher = hasher_new();
	if (!*ret_hasher)
		return -EIO;
	return options->is_service ? confine_service(ret_step) :
				     confine(NSV_SOCKET_FD, ret_step);
}

static int finish(int r)
{
	/* A refused manifest is the supervisor's to report: it was told. */
	if (r == -EBADMSG)
		log_error("the supervisor broke the protocol");
	else if (r < 0 && r != -EINVAL)
		log_error("%s", strerror(-r));
	return r < 0 ? EXIT_OURS : EXIT_SUCCESS;
}

/* --listen: the socket becomes descriptor 3, as if systemd had made it. */
static int open_listener(const struct options *options)
{
	int fd = listen_at(options->path, options->service.any_user);

	if (fd < 0) {
		log_error("'%s': %s", options->path, strerror(-fd));
		return fd;
	}
	if (fd == NSV_SOCKET_FD)
		return 0;
	if (dup2(fd, NSV_SOCKET_FD) < 0)
		return -errno;
	return close(fd);
}

/* Descriptor 3 is then a socket of the right kind. Return: 0 or -errno. */
static int find_socket(bool is_started_by_systemd, int argc,
		       struct options *options)
{
	int flags;

	options->is_service = options->path || is_started_by_systemd ||
			      listen_is(NSV_SOCKET_FD);
	if (options->path && open_listener(options) < 0)
		return -EINVAL;
	if (!options->is_service && check_socket() == 0 && argc == 1)
		return 0;
	if (!options->is_service || !listen_is(NSV_SOCKET_FD)) {
		log_error("descriptor %d is not a %sSOCK_SEQPACKET socket: "
			  "nsverifyd is started by nssupervise or by systemd, "
			  "or with --listen=SOCKET",
			  NSV_SOCKET_FD, argc > 1 ? "listening " : "");
		return -EINVAL;
	}
	flags = fcntl(NSV_SOCKET_FD, F_GETFL);
	return fcntl(NSV_SOCKET_FD, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno :
								       0;
}

int main(int argc, char **argv)
{
	/* Static: threads of a service look at it until the end. */
	static struct options options = {
		.service = { .memory = 256u << 20,
			     .n_sessions = 64,
			     .n_snapshots = 8192 },
	};
	bool is_started_by_systemd = is_activated();
	struct hasher *hasher = NULL;
	const char *step = "";
	int r;

	/* First of all: OpenSSL and others take orders from variables. */
	r = clearenv();
	log_open("nsverifyd");
	if (r != 0) {
		log_error("cannot clear the environment");
		return EXIT_OURS;
	}
	r = parse_arguments(argc, argv, &options);
	if (r >= 0)
		return r;
	if (find_socket(is_started_by_systemd, argc, &options) < 0)
		return EXIT_OURS;
	r = prepare(&options, &hasher, &step);
	if (r < 0) {
		log_error("%s: %s", step, strerror(-r));
		return EXIT_OURS;
	}
	if (options.is_service) {
		r = service_run(NSV_SOCKET_FD, hasher, &options.service);
	} else {
		r = serve(NSV_SOCKET_FD, hasher);
		hasher_free(hasher);
	}
	/* Exit handlers of libraries may want calls that are gone. */
	_exit(finish(r));
}

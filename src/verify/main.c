/* SPDX-License-Identifier: Apache-2.0 */
/* nsverifyd: judges files by a manifest for the supervisor that started it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/kernel.h"
#include "common/log.h"
#include "common/proto.h"
#include "verify/confine.h"
#include "verify/integrity.h"
#include "verify/serve.h"

#define EXIT_OURS 125 /* our own failure, as in env(1) */

static const char help[] =
	"Usage: nsverifyd\n"
	"       nsverifyd --help | --version\n"
	"\n"
	"The verifier of nssupervise(1), which starts it by itself with a\n"
	"SOCK_SEQPACKET socket as descriptor 3. It loads one manifest, then says\n"
	"of each file it is handed whether the manifest accepts its content.\n"
	"\n"
	"  --help     print this text\n"
	"  --version  print the version\n";

/* Return: -1 to go on, or the status to exit with. */
static int parse_arguments(int argc, char **argv)
{
	if (argc == 1)
		return -1;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(help, stdout) < 0 || fflush(stdout) ? EXIT_OURS :
								   0;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("nsverifyd %s\n", PACKAGE_VERSION) < 0 ||
				       fflush(stdout) ?
			       EXIT_OURS :
			       0;
	log_error("unknown argument '%s': see --help", argv[1]);
	return EXIT_OURS;
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

static int prepare(struct hasher **ret_hasher, const char **ret_step)
{
	int r;

	*ret_step = "descriptors";
	r = close_others();
	if (r < 0)
		return r;
	*ret_step = "OpenSSL";
	*ret_hasher = hasher_new();
	if (!*ret_hasher)
		return -EIO;
	return confine(NSV_SOCKET_FD, ret_step);
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

int main(int argc, char **argv)
{
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
	r = parse_arguments(argc, argv);
	if (r >= 0)
		return r;
	if (check_socket() < 0) {
		log_error("descriptor %d is not a SOCK_SEQPACKET socket: "
			  "nsverifyd is started by nssupervise, not by hand",
			  NSV_SOCKET_FD);
		return EXIT_OURS;
	}
	r = prepare(&hasher, &step);
	if (r < 0) {
		log_error("%s: %s", step, strerror(-r));
		return EXIT_OURS;
	}
	r = serve(NSV_SOCKET_FD, hasher);
	hasher_free(hasher);
	/* Exit handlers of libraries may want calls that are gone. */
	_exit(finish(r));
}

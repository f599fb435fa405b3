/* SPDX-License-Identifier: Apache-2.0 */
/* What the verifier gives up before it reads anything from outside. */
#ifndef VERIFY_CONFINE_H
#define VERIFY_CONFINE_H

/**
 * confine() - no files, no network, no capabilities, few system calls
 * @sock: the only socket that may still be used
 * @ret_step: what failed, static text
 *
 * Irreversible. Afterwards the process can receive and send on @sock, read and
 * write descriptors it is handed, make memfds, use memory, write to stderr and
 * exit; any other system call kills it. It ignores the signals of the terminal
 * and of a service manager: it ends when its peer does.
 *
 * Return: 0 or -errno.
 */
int confine(int sock, const char **ret_step);

/**
 * confine_service() - the same for a service, without the system calls
 *
 * It ends by the usual signals. Threads are made afterwards and inherit all of
 * it. Return: 0 or -errno.
 */
int confine_service(const char **ret_step);

/**
 * confine_calls() - the filter of a service, for all of its threads
 * @listener: the only socket on which connections may be taken
 *
 * As confine(), and taking connections; no further thread. Return: 0 or -errno.
 */
int confine_calls(int listener);

#endif

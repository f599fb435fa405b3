/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a classic BPF program of seccomp(2) as the kernel would. */
#ifndef TESTS_BPF_SIM_H
#define TESTS_BPF_SIM_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a program answers that the kernel would refuse to load. */
#define BPF_SIM_INVALID 0xdeadbeefU

/**
 * bpf_sim() - the SECCOMP_RET_* value of @program for @data
 * @ret_reads_arguments: whether anything but the number and the architecture
 *	was looked at; may be NULL. The kernel remembers an answer (and then
 *	skips the program) only where nothing else was.
 *
 * Return: the value, or BPF_SIM_INVALID for an unknown instruction, a load
 * or a jump out of range, or an end without an answer.
 */
uint32_t bpf_sim(const struct sock_fprog *program,
		 const struct seccomp_data *data, bool *ret_reads_arguments);

/** bpf_sim_call() - the same for call @nr of x86_64; @args may be NULL */
uint32_t bpf_sim_call(const struct sock_fprog *program, int nr,
		      const uint64_t args[6], bool *ret_reads_arguments);

/** bpf_sim_text() - the value in words: "allow", "notify", "errno EPERM" */
const char *bpf_sim_text(uint32_t value, char *buffer, size_t size);

#endif

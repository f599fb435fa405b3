/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions that libseccomp and our own prefix use, and no others. */
#include "bpf-sim.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

static bool is_taken(const struct sock_filter *insn, uint32_t a)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == insn->k;
	case BPF_JGT:
		return a > insn->k;
	case BPF_JGE:
		return a >= insn->k;
	default: /* BPF_JSET */
		return a & insn->k;
	}
}

static bool load(const struct seccomp_data *data, uint32_t offset, uint32_t *a)
{
	if (offset % 4 != 0 || offset > sizeof(*data) - sizeof(*a))
		return false;
	memcpy(a, (const char *)data + offset, sizeof(*a));
	return true;
}

uint32_t bpf_sim(const struct sock_fprog *program,
		 const struct seccomp_data *data, bool *ret_reads_arguments)
{
	bool reads_arguments = false;
	uint32_t a = 0;

	/* Jumps only lead forward, so this ends. */
	for (size_t pc = 0; pc < program->len; pc++) {
		const struct sock_filter *insn = &program->filter[pc];

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (!load(data, insn->k, &a))
				return BPF_SIM_INVALID;
			if (insn->k > offsetof(struct seccomp_data, arch))
				reads_arguments = true;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += is_taken(insn, a) ? insn->jt : insn->jf;
			break;
		case BPF_RET | BPF_K:
			if (ret_reads_arguments)
				*ret_reads_arguments = reads_arguments;
			return insn->k;
		default:
			return BPF_SIM_INVALID;
		}
	}
	return BPF_SIM_INVALID;
}

uint32_t bpf_sim_call(const struct sock_fprog *program, int nr,
		      const uint64_t args[6], bool *ret_reads_arguments)
{
	struct seccomp_data data = { .nr = nr, .arch = AUDIT_ARCH_X86_64 };

	if (args)
		memcpy(data.args, args, sizeof(data.args));
	return bpf_sim(program, &data, ret_reads_arguments);
}

static const char *errno_name(uint32_t code)
{
	switch (code) {
	case EPERM:
		return "EPERM";
	case EACCES:
		return "EACCES";
	case EBUSY:
		return "EBUSY";
	case EINVAL:
		return "EINVAL";
	case ENOSYS:
		return "ENOSYS";
	case EPROTONOSUPPORT:
		return "EPROTONOSUPPORT";
	default:
		return NULL;
	}
}

const char *bpf_sim_text(uint32_t value, char *buffer, size_t size)
{
	uint32_t code = value & SECCOMP_RET_DATA;

	switch (value & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return "allow";
	case SECCOMP_RET_USER_NOTIF:
		return "notify";
	case SECCOMP_RET_KILL_PROCESS:
		return "kill";
	case SECCOMP_RET_ERRNO:
		if (errno_name(code))
			(void)snprintf(buffer, size, "errno %s",
				       errno_name(code));
		else
			(void)snprintf(buffer, size, "errno %u", code);
		return buffer;
	default:
		(void)snprintf(buffer, size, "0x%x", value);
		return buffer;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program there is: it ends. Built without a C library. */
void _start(void);

void _start(void)
{
	__asm__ volatile("mov $60, %%eax; xor %%edi, %%edi; syscall" ::
				 : "rax", "rdi");
	__builtin_unreachable();
}

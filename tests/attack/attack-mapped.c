// SPDX-License-Identifier: Apache-2.0
/*
 * attack-mapped LIBRARY: what word() of the library says, before a line arrives
 * on standard input and after it. The library is changed on disk meanwhile:
 * pages of a private mapping that nobody wrote to change with it.
 */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char *argv[])
{
	void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	const char *(*word)(void) = NULL;
	char line[16];

	if (library)
		*(void **)&word = dlsym(library, "word");
	if (!word) {
		printf("refused: %s\n", dlerror());
		return 1;
	}
	printf("before=%s\n", word());
	(void)fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 2;
	printf("after=%s\n", word());
	return 0;
}

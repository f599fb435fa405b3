// SPDX-License-Identifier: Apache-2.0
#include "catalogue.h"

const struct attack landlock_attacks[] = {
	{ 0 },
};

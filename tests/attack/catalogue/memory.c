// SPDX-License-Identifier: Apache-2.0
#include "catalogue.h"

const struct attack memory_attacks[] = {
	{ 0 },
};

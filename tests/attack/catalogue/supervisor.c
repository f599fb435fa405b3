// SPDX-License-Identifier: Apache-2.0
#include "catalogue.h"

const struct attack supervisor_attacks[] = {
	{ 0 },
};

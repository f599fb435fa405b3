// SPDX-License-Identifier: Apache-2.0
#include "catalogue.h"

const struct attack filter_attacks[] = {
	{ 0 },
};

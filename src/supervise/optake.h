/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each meaning of an option's value; see option_take. */
#ifndef SUPERVISE_OPTAKE_H
#define SUPERVISE_OPTAKE_H

#include "supervise/optable.h"

/* For many rows, by their offset. */
option_take take_flag;
option_take take_text;
option_take take_item;

/* For one row each. */
option_take take_child;
option_take take_net;
option_take take_env;
option_take take_pass_fd;
option_take take_explain;
option_take take_why;
option_take take_check;
option_take take_log;
option_take take_log_format;
option_take take_status_fd;

#endif

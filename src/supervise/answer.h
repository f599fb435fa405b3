/* SPDX-License-Identifier: Apache-2.0 */
/* One notification: which handler, and its answer. */
#ifndef SUPERVISE_ANSWER_H
#define SUPERVISE_ANSWER_H

struct call;
struct seccomp_notif;
struct supervisor;

/** call_answer() - judge @req, act, answer; @call is filled in for it */
void call_answer(struct call *call, struct supervisor *supervisor,
		 const struct seccomp_notif *req);

#endif

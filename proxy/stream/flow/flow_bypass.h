/* flow_bypass.h - bytes that no stage of a flow would act on, nor look at, needn't go through it:
 * how many these are, and that they have gone another way. */
#ifndef WEDGE_STREAM_FLOW_FLOW_BYPASS_H
#define WEDGE_STREAM_FLOW_FLOW_BYPASS_H

#include "proxy/stream/flow/flow.h"

/* Returns how many of the bytes that come next may go from source to sink past the flow; SIZE_MAX:
 * all. Brings the stages' gates up to date first. */
size_t flow_bypass(struct flow *f);

/* Counts n bytes, at most as many as flow_bypass has returned, as if they had been pushed and
 * delivered: flow_sent follows for them. */
void flow_bypassed(struct flow *f, size_t n);

/* Lets the gates know of those n bytes, once the kernel has what it takes of them: a stage whose
 * time has come acts behind them, and may end the flow or the session within the call. */
void flow_bypass_settle(struct flow *f, size_t n);

#endif

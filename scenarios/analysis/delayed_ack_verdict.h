/* delayed_ack_verdict.h - R4 over all connections of a server port: does this capture show the
 * delayed-ACK failure? About a capture, whoever took it; run/judge.h is about a run. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_DELAYED_ACK_VERDICT_H
#define WEDGE_SCENARIOS_ANALYSIS_DELAYED_ACK_VERDICT_H

#include "scenarios/analysis/analysis.h"
#include "scenarios/base/stats.h"

struct delayed_ack_verdict {
	size_t exchanges;	  /* all of them */
	size_t stalled_exchanges; /* with at least one R4 stall */
	size_t stalls;		  /* all R4 stalls */
	double share;		  /* stalled_exchanges / exchanges; 0 without exchanges */
	double median, cv;	  /* of the stalls' gaps, seconds; NAN below 1, below 2 */
	size_t unreliable;	  /* selected connections that R0 found faulty */
	const char *class_name;	  /* "Windows classic (185-225 ms)", ... or NULL */
	bool holds;		  /* stalls >= 10, share >= 80 %, one class, CV < 10 % */
};

/* Fills *v from the connections whose server port is port (0: all). */
void delayed_ack_judge(const struct analysis *a, uint16_t port, struct delayed_ack_verdict *v);

/* Returns the number of exchanges of one connection that have at least one R4 stall. */
size_t delayed_ack_stalled_exchanges(const struct wire_connection *w);

/* Adds the gap of each R4 stall of one connection, in seconds. */
void delayed_ack_stall_gaps(const struct wire_connection *w, struct samples *out);

#endif

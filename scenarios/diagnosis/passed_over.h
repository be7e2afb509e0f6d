/* passed_over.h - which SYNs go unanswered while another one of the same client to the same server,
 * sent later, is answered? Where a server or the way to it is down for a while nobody gets through.
 */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_PASSED_OVER_H
#define WEDGE_SCENARIOS_DIAGNOSIS_PASSED_OVER_H

#include "scenarios/analysis/segments.h"

#define ACCEPTED_CLIENTS 8 /* of whose tries a service knows; of more the oldest are forgotten */

/* A service's: of each client the last SYN that was answered. Zero-initialise to start. */
struct accepted_syns {
	struct accepted_syn {
		struct addr client; /* its port counts for nothing */
		int64_t sent_at;    /* the connection's first; 0: there is none */
	} of[ACCEPTED_CLIENTS];
};

/* Takes each segment when its connection has it. Sets *passed_over when the connection's SYN is
 * sent again, unanswered, and one of the client's that was first sent later has its answer. */
void accepted_syns_take_segment(struct accepted_syns *a, bool *passed_over,
				const struct connection *c, const struct segment *s);

/* Returns whether nothing ever answered the connection that was passed over. */
bool is_passed_over(bool passed_over, const struct connection *c);

#endif

/* groups.h - what holds for whole connections and for groups of them: keeps for each connection its
 * outline and its place among its service's, and fills the findings. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_GROUPS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_GROUPS_H

#include "scenarios/diagnosis/records.h"
#include "scenarios/diagnosis/services.h"

/* One connection's part in them. All but service is 0 to start. */
struct member {
	struct outline outline;
	struct service *service;
	struct rate_loss losses[DIR_COUNT];
	struct limit_try try;
	struct waiter waiter;
	bool opened, closed; /* the service was told */
	bool passed_over;    /* another SYN of its client was answered */
};

/* Zero-initialise to start; groups_fini to end. */
struct groups {
	struct findings findings;
};

/* Takes each segment when its connection has it. */
void groups_take_segment(struct groups *g, struct member *m, const struct connection *c,
			 const struct segment *s);

/* Nothing more is expected of the connection, which was looked at until then; answers: the records
 * of its server. Returns the finding that it is a case of, as findings_add does; NULL: of none. */
struct finding *groups_end_connection(struct groups *g, struct member *m,
				      const struct connection *c, const struct records *answers,
				      int64_t end);

/* The capture is over. */
void groups_finish(struct groups *g, struct services *services);
void groups_fini(struct groups *g);

#endif

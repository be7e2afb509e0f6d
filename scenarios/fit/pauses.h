/* pauses.h - the times in which one of a service's hosts stood still (R14), as its connections show
 * them together: how long, and how far apart. */
#ifndef WEDGE_SCENARIOS_FIT_PAUSES_H
#define WEDGE_SCENARIOS_FIT_PAUSES_H

#include "scenarios/diagnosis/durations.h"
#include "scenarios/diagnosis/host_silence.h"

/* Zero-initialise to start; pauses_fini to end. */
struct pauses {
	struct durations lengths, periods; /* periods: from one pause's end to the next one's */
	uint64_t of_client;		   /* so many of them are the client's host's */
	/* The one under way, as narrow as its connections have it: the host spoke last at `last`,
	 * left something unanswered at `since`, and spoke again at `to`. */
	struct host_silence now;
	bool now_of_client;
	int64_t end; /* of the one before; 0: there is none */
};

/* Takes the silences that a host's connections share, in the order of their ends. */
void pauses_take(struct pauses *p, bool of_client, const struct host_silence *s);

/* The capture is over. */
void pauses_finish(struct pauses *p);
void pauses_fini(struct pauses *p);

#endif

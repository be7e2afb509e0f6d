/* service_life.h - what happens to a service's connections together: how many are open, who tries
 * again after a refusal, resets together. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_SERVICE_LIFE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_SERVICE_LIFE_H

#include "scenarios/diagnosis/findings.h"
#include "scenarios/diagnosis/limits.h"
#include "scenarios/diagnosis/outline.h"
#include "scenarios/diagnosis/passed_over.h"
#include "scenarios/diagnosis/rate_loss.h"

#define SERVICE_CLIENTS 4

/* The last try of a client that was refused. */
struct refused_try {
	struct addr client;
	int64_t at;
};

/* Connections that were reset one soon after another (R18). */
struct reset_burst {
	int64_t from, to; /* 0: none */
	uint64_t n, open; /* open: the service's connections just before */
	uint64_t by_server;
	uint32_t connection, frames[FINDING_FRAMES];
};

/* Zero-initialise to start; service_life_fini to end. */
struct service_life {
	uint64_t open; /* complete handshake, no end */
	uint64_t refused, as_windows;
	struct refused_try tries[SERVICE_CLIENTS];
	struct reset_burst resets;
	struct limits limits;
	struct accepted_syns accepted;
	struct rate_loss losses[DIR_COUNT];
};

void service_life_open(struct service_life *x);

/* A connection that was open has ended: it says so itself, or the capture does (o->end.at 0). */
void service_life_close(struct service_life *x, const struct connection *c, const struct outline *o,
			struct findings *f);

/* A try was refused. Returns the time since the client's try before it; 0: it is the first. */
int64_t service_life_refuse(struct service_life *x, const struct connection *c,
			    const struct outline *o);

/* Judges what has gathered when the capture is over, and tells the service's findings of how many
 * connections theirs are. */
void service_life_finish(struct service_life *x, const struct addr *server, uint64_t connections,
			 struct findings *f);
void service_life_fini(struct service_life *x);

#endif

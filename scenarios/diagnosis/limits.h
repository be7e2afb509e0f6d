/* limits.h - R8 for a service: of all its connections, or of each client's. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_LIMITS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_LIMITS_H

#include "scenarios/diagnosis/limit.h"
#include "scenarios/diagnosis/outline.h"

#define LIMIT_CLIENTS 64 /* that are told apart; the connections of others count in all */

struct client_limit {
	struct addr client; /* port 0 */
	struct limit limit;
};

/* Zero-initialise to start; limits_fini to end. */
struct limits {
	struct limit all;
	bool late; /* a connection is older than the capture: nobody knows how many are open */
	struct client_limit *clients;
	size_t n;
};

/* A connection's try. Zero-initialise to start. */
struct limit_try {
	bool begun, answered, refused, ended;
	int client; /* index in clients; -1: too many */
	uint32_t open, open_of_client;
	int64_t at;
};

/* Takes each segment when its connection has it. */
void limits_take_segment(struct limits *x, struct limit_try *t, const struct connection *c,
			 const struct outline *o, const struct segment *s);

/* Nothing more is expected of the connection. */
void limits_end_connection(struct limits *x, struct limit_try *t, const struct connection *c,
			   const struct outline *o);

/* Adds the limits that were found. */
void limits_judge(const struct limits *x, const struct addr *server, struct findings *f);

/* Returns whether a finding's label says that the limit is one of all clients together. */
bool limits_are_of_all(const char *label);
void limits_fini(struct limits *x);

#endif

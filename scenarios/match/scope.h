/* scope.h - a part of a capture that a failure may be one of: a server's port, that port on several
 * servers, or a whole server; and, to compare it with, everything else. */
#ifndef WEDGE_SCENARIOS_MATCH_SCOPE_H
#define WEDGE_SCENARIOS_MATCH_SCOPE_H

#include "scenarios/diagnosis/diagnosis.h"

enum scope_kind {
	SCOPE_SERVICE, /* one address and port */
	SCOPE_POOL,    /* one port of several addresses */
	SCOPE_HOST,    /* several ports of one address */
};

struct scope_sums {
	struct service service;	 /* sums of several */
	uint64_t servers, ports; /* different addresses and ports in it */
	/* Of its services: cases, or, where a finding has a number, the largest. */
	uint64_t findings[FINDING_COUNT];
};

struct scope {
	enum scope_kind kind;
	struct addr server; /* of SCOPE_POOL only its port, of SCOPE_HOST only its address counts */
	struct scope_sums sums, others;
	bool dropped; /* the capture lacks packets, of connections that nobody knows */
};

struct scopes {
	struct scope *list; /* services first, then pools, then hosts */
	size_t n;
};

/* The most services that are looked at: those with the most lost time, and of these with the most
 * connections. */
#define SCOPE_SERVICES_MAX 64

/* Takes the diagnosis apart; the caller frees with scopes_fini. */
void scopes_make(const struct diagnosis *d, struct scopes *s);
void scopes_fini(struct scopes *s);

/* Returns whether some service may be in both. */
bool scopes_overlap(const struct scope *a, const struct scope *b);

#define SCOPE_TEXT (ADDR_TEXT + 32)
/* Writes "10.0.0.2:80", "port 443 of 2 servers", "10.0.0.2, 3 ports"; returns buf. */
char *scope_format(const struct scope *s, char buf[SCOPE_TEXT]);

#endif

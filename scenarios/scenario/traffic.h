/* traffic.h - a client and a server of a scenario, in memory: copies, single parameters, rules
 * between them. Reads no YAML. */
#ifndef WEDGE_SCENARIOS_SCENARIO_TRAFFIC_H
#define WEDGE_SCENARIOS_SCENARIO_TRAFFIC_H

#include "proxy/base/err.h"
#include "scenarios/workload/workload.h"

#include <stdbool.h>

/* One end of a traffic: a built-in workload or a program of the user's. */
struct role_spec {
	char **argv; /* command, NULL-terminated; NULL for the built-in workload. "{host}", "{port}"
		      * and "{out}" in its words are replaced when it is started */
	int64_t ready_after; /* command server: fallback wait when its port can't be probed */
	void *cfg;	     /* the workload's configuration of this end */
	size_t *hosts;	     /* where it runs, as places in the phase's hosts; a client has one */
	size_t nhosts;
};

/* One client talking to one server on one port. traffic[0] is the main one, named "main"; the
 * others are siblings, which must stay healthy and meet no impairment unless one names them. */
struct traffic {
	char *name;
	uint16_t port;
	const struct workload *app; /* for the ends that are not commands; NULL when both are */
	struct role_spec client, server;
	bool until_main; /* goes on beyond its count until the main client has ended */
	/* The place of the traffic whose port, servers and proxy it has: its own, or that of the
	 * one that it is behind; then only its client is its own. */
	size_t leader;
};

void traffic_copy(struct traffic *dst, const struct traffic *src);
void traffic_fini(struct traffic *t);

/* Sets one parameter of one end; the error names the nearest key, and what the parameter takes. */
int traffic_set_param(struct traffic *t, bool server, const char *key, const char *value,
		      struct err *e) WG_MUSTUSE;

/* Returns whether the traffic's client or one of its servers is on that host. */
bool traffic_runs_on(const struct traffic *t, size_t host);

/* Returns whether both have one port, and a server on one host. */
bool traffic_collides(const struct traffic *a, const struct traffic *b);

/* Makes a role run on that host alone. */
void role_place(struct role_spec *r, size_t host);

/* Checks the workload's rules between parameters. */
int traffic_check(const struct traffic *t, struct err *e) WG_MUSTUSE;

#endif

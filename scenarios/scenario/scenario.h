/* scenario.h - a documented failure as data: story, source, lab, traffic, phases, expectations.
 * Loaded whole or refused whole; immutable once scenario_set is done. */
#ifndef WEDGE_SCENARIOS_SCENARIO_SCENARIO_H
#define WEDGE_SCENARIOS_SCENARIO_SCENARIO_H

#include "impairments/set/set.h"
#include "proxy/base/err.h"
#include "scenarios/scenario/expect.h"
#include "scenarios/workload/registry.h"

#include <stdbool.h>

enum intercept { INTERCEPT_EXPLICIT, INTERCEPT_FORWARD, INTERCEPT_TRANSPARENT };

#define INTERCEPT_MODES "explicit, forward or transparent"

/* -1: text names no mode. */
int intercept_parse(const char *text, enum intercept *out) WG_MUSTUSE;
const char *intercept_name(enum intercept mode);

/* One end of a traffic: a built-in workload or a program of the user's. */
struct role_spec {
	char **argv; /* command, NULL-terminated; NULL for the built-in workload. "{host}", "{port}"
		      * and "{out}" in its words are replaced when it is started */
	int64_t ready_after; /* command server: fallback wait when its port can't be probed */
	void *cfg;	     /* the workload's configuration of this end */
};

/* One client talking to one server on one port. traffic[0] is the main one, named "main"; the
 * others are siblings, which must stay healthy and meet no impairment unless one names them. */
struct traffic {
	char *name;
	uint16_t port;
	const struct workload *app; /* for the ends that are not commands; NULL when both are */
	struct role_spec client, server;
	bool until_main; /* goes on beyond its count until the main client has ended */
};

struct phase {
	char *name;
	struct traffic *traffic; /* this phase's own copy, overrides applied */
	size_t ntraffic;
	struct impairment_set *impairments; /* empty in a healthy phase; each names its traffic */
	bool forward_only;		    /* left out when the lab is not in forward mode */
	char *note;  /* what the phase shows, NULL when the file says nothing */
	char *where; /* "FILE:LINE:COLUMN" */
};

/* One parameter varied over a list of values; every phase is run once for each value. */
struct sweep {
	char *key; /* "client.exchanges" */
	char **values;
	double *numbers; /* the values in seconds, bytes, fractions, counts */
	size_t n;
};

/* A line of the side-by-side table: a metric without its phase. */
struct show_row {
	char *label;  /* "response, median" */
	char *metric; /* "client_app.response.p50" */
	struct metric_ref ref;
};

/* What one capture from the field must show, in words, and from where that can be seen. */
struct signature {
	char *text;
	char *vantages; /* "client_wire, server_wire" */
};

struct scenario {
	char *file, *name, *title, *source, *story;
	enum intercept intercept;
	struct phase *phases;
	size_t nphases;
	struct sweep sweep; /* n == 0: none */
	struct expect *expects;
	size_t nexpects;
	struct show_row *show;
	size_t nshow;
	struct signature *signatures;
	size_t nsignatures;
	bool quick;
};

/* Loads and validates. where is a catalogue name or the path of a YAML file (it has a slash or ends
 * in .yaml); dir replaces the embedded catalogue when not NULL. quick applies the file's "quick:"
 * overrides. known_metric (may be NULL) says which metrics are measured. Errors name file, line,
 * column, key and what would be accepted; an unknown name is answered with the nearest one. */
int scenario_load(const char *where, const char *dir, bool quick, metric_known_fn *known_metric,
		  void *arg, struct scenario **out, struct err *e) WG_MUSTUSE;
void scenario_free(struct scenario *s); /* NULL is fine */

/* One override: "PHASE.IMPAIRMENT.PARAM=VALUE", "PHASE=none", "client.exchanges=20" or
 * "server.response=..." (main traffic, every phase), "TRAFFIC.client.KEY=VALUE",
 * "lab.intercept=forward", "sweep=10,20,50". Refused without a trace, or whole. */
int scenario_set(struct scenario *s, const char *assignment, struct err *e) WG_MUSTUSE;

/* What overrides together could have broken: impairments that the lab's mode can't do, rules
 * between a workload's parameters, expectations on values that aren't swept any more. */
int scenario_check(const struct scenario *s, struct err *e) WG_MUSTUSE;

/* A copy of the phase with the sweep's key set to the value; the caller frees with phase_free. */
int phase_at(const struct scenario *s, const struct phase *p, const char *value, struct phase **out,
	     struct err *e) WG_MUSTUSE;
void phase_free(struct phase *p);

/* The catalogue: names in order, and the YAML text of one (embedded, or read from dir; the caller
 * frees *names with catalog_names_free, the text with free). */
int catalog_names(const char *dir, char ***names, size_t *n, struct err *e) WG_MUSTUSE;
void catalog_names_free(char **names, size_t n);
int catalog_text(const char *dir, const char *name, char **text, size_t *len,
		 struct err *e) WG_MUSTUSE;

#endif

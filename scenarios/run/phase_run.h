/* phase_run.h - one phase, run for real: a lab, its roles, their messages, the two captures. What
 * comes out is what the applications and the wire said; nothing here judges. */
#ifndef WEDGE_SCENARIOS_RUN_PHASE_RUN_H
#define WEDGE_SCENARIOS_RUN_PHASE_RUN_H

#include "scenarios/analysis/analysis.h"
#include "scenarios/run/progress.h"
#include "scenarios/scenario/scenario.h"

#include <jansson.h>

struct traffic_data {
	const char *name;
	uint16_t port;
	json_t *client, *server; /* results as workload.h describes them */
};

struct phase_data {
	char *label;	    /* "impaired", with a sweep "impaired@600" */
	double sweep_value; /* NAN without a sweep */
	double duration;    /* seconds from the clients' start to the main client's result */
	struct traffic_data *traffic;
	size_t ntraffic;
	struct analysis *wire[LEG_COUNT];
	json_t *taps[LEG_COUNT];  /* received, dropped, written */
	json_t *wedge;		  /* what the engine counted */
	json_t *environment;	  /* the lab's */
	bool forwarded;		  /* wedge only routed: both legs show the same connections */
	char *backend;		  /* how packets reached the queue */
	char *capture[LEG_COUNT]; /* file names */
};

struct phase_run_options {
	enum intercept intercept;
	uint64_t seed;
	const char *folder; /* where captures, journal and outputs go: absolute */
	int log_level;
	struct progress *progress;
};

/* Runs the phase once. NULL with *e when it could not be run to its end (nothing of the lab is
 * left); p must outlive the result. */
struct phase_data *phase_run(const struct phase *p, const char *label, double sweep_value,
			     const struct phase_run_options *options, struct err *e) WG_MUSTUSE;
void phase_data_free(struct phase_data *d);

#endif

/* guest_run.h - a scenario's phases with a real program in them, its guest: what that program says,
 * returns and takes in each. Judges no expectation of the scenario. */
#ifndef WEDGE_SCENARIOS_RUN_GUEST_RUN_H
#define WEDGE_SCENARIOS_RUN_GUEST_RUN_H

#include "scenarios/run/result.h"
#include "scenarios/run/run.h"

struct guest_phase {
	char *name, *impairments; /* as in struct result_phase */
	int status;		  /* as in a shell; when limited, what ending it gave */
	bool limited;		  /* it was still waiting at its limit, and was ended */
	double seconds;		  /* from its beginning to its end */
	char *last;    /* the line that is as the scenario says, or its output's last; "": none */
	char *log;     /* file name in the folder: all of its output */
	char *differs; /* from what the scenario says of it in this phase; NULL: nothing, or it says
			  nothing */
};

struct guest_result {
	struct result *report; /* phases with their captures, for annotate.h; nothing is judged */
	const struct guest *guest;
	bool judged; /* by what the scenario says of it */
	struct guest_phase *phases;
	size_t n;
};

/* Runs the phases with the guest: those of o, or else those of which the scenario says what its
 * guest feels (judged), or baseline and impaired. Of a sweep each is its last point. NULL with *e
 * when a phase could not be run. */
struct guest_result *guest_run(const struct scenario *s, const struct guest *g, bool judged,
			       const struct run_options *o, struct err *e) WG_MUSTUSE;
void guest_result_free(struct guest_result *r); /* NULL is fine */

/* A new reference: scenario, command, seed and the phases, as client.json has them. */
json_t *guest_result_json(const struct guest_result *r);

#endif

/* phase.h - one phase of a scenario, in memory: copies, single values. Reads no YAML. */
#ifndef WEDGE_SCENARIOS_SCENARIO_PHASE_H
#define WEDGE_SCENARIOS_SCENARIO_PHASE_H

#include "impairments/set/set.h"
#include "scenarios/scenario/host.h"
#include "scenarios/scenario/step.h"
#include "scenarios/scenario/sweep.h"
#include "scenarios/scenario/traffic.h"

struct guest;

struct phase {
	char *name;
	struct traffic *traffic; /* this phase's own copy, overrides applied */
	size_t ntraffic;
	struct host_list hosts;		    /* its own copy, too */
	struct impairment_set *impairments; /* empty in a healthy phase; each names its traffic */
	struct step *steps; /* done once its clients have been started; its end is the phase's */
	size_t nsteps;	    /* 0: the phase ends when the main client has */
	bool forward_only;  /* left out when the lab is not in forward mode */
	const struct guest *guest; /* the client of its last traffic, with whose end it ends; or
				    * NULL (guest.h) */
	char *note;		   /* for the reader of the scenario; NULL when the file has none */
	char *where;		   /* "FILE:LINE:COLUMN" */
};

void phase_copy(struct phase *dst, const struct phase *src);
void phase_fini(struct phase *p);
struct phase *phase_clone(const struct phase *p); /* a copy of its own, for phase_free */
void phase_free(struct phase *p);		  /* of phase_clone and phase_at; NULL is fine */

/* Returns whether something goes wrong in it: by an impairment, or by a step that breaks something.
 */
bool phase_breaks(const struct phase *p);

/* Returns whether both phases are the same but for name and note: one shows what the other does. */
bool phase_repeats(const struct phase *a, const struct phase *b);

/* Sets key to value on one phase; *hit becomes true when the key concerned it. */
int phase_set(struct phase *p, const char *key, const char *value, bool *hit,
	      struct err *e) WG_MUSTUSE;

/* Finds the places of what "on" names, TRAFFIC or TRAFFIC@HOST; *host is -1 without a host. -1 with
 * *e: there is none of that name, or the traffic has nothing on that host. */
int phase_find_target(const struct phase *p, const char *on, size_t *traffic, int *host,
		      struct err *e) WG_MUSTUSE;

/* Refuses an instance of the phase's impairments that names a traffic or a host that isn't there.
 */
int phase_check_target(const struct phase *p, const struct impair_inst *inst,
		       struct err *e) WG_MUSTUSE;

/* Makes a copy of the phase with the sweep's key set to the value; the caller frees it with
 * phase_free. */
int phase_at(const struct phase *p, const struct sweep *sweep, const char *value,
	     struct phase **out, struct err *e) WG_MUSTUSE;

#endif

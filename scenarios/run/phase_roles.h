/* phase_roles.h - the roles of the lab that a phase needs, made from its traffics in the order in
 * which they must be ready, and the state of each. Starts none and sends no message. */
#ifndef WEDGE_SCENARIOS_RUN_PHASE_ROLES_H
#define WEDGE_SCENARIOS_RUN_PHASE_ROLES_H

#include "scenarios/capture/tap.h"
#include "scenarios/lab/lab.h"
#include "scenarios/run/wedge_role.h"
#include "scenarios/scenario/step_program.h"

/* Options that the roles of every phase of a run share. */
struct phase_options {
	enum intercept intercept;
	const struct lab_pins *pins;
	uint64_t seed;	/* of the run, as the user knows it */
	uint64_t draws; /* what happens when comes of it: the seed's part for the scenario, or two
			   of them would have the same arrivals */
	const char *folder;  /* where captures, journal and outputs go: absolute */
	int log_level;	     /* enum log_level, of the engine */
	const char *names;   /* as lab_spec.names */
	const char *work;    /* folder that clients of the user's run in; NULL: the present one */
	uint64_t output_max; /* as in struct command_task, of programs of the user's */
	uint64_t file_max;   /* the same, of those clients */
	const struct run_news *news; /* told what wedge does; NULL: nobody watches */
	bool own_errors; /* their stderr has a file of its own, .err beside the .log of stdout */
};

enum role_kind { ROLE_SERVER, ROLE_WEDGE, ROLE_TAP, ROLE_CLIENT };

/* The state of one role, from its messages. */
struct role_state {
	enum role_kind kind;
	size_t traffic; /* ROLE_SERVER, ROLE_CLIENT: index in the phase */
	size_t host;	/* ROLE_SERVER, ROLE_CLIENT: place in the phase's hosts */
	enum leg leg;	/* ROLE_TAP */
	bool waits;	/* for the step that starts it */
	bool begun;	/* it doesn't wait, or not any more */
	bool started;	/* by a step; a client has then been sent its start */
	unsigned owed;	/* answers ("done") that it hasn't sent yet */
	bool ready;
	bool gone;	/* its message socket has ended */
	json_t *result; /* NULL until the role has sent one */
	int64_t end;	/* ROLE_WEDGE: wall clock at which the phase was over; 0: not yet */
};

struct phase_roles {
	struct lab_role *lab_roles; /* n of them, as lab_start takes them */
	struct role_state *states;  /* states[i] is that of lab_roles[i] */
	size_t n;
	struct phase_lab lab;
	struct wedge_role_config wedge;
	struct tap_config taps[LEG_COUNT];
	struct step_program program; /* the phase's steps; n == 0: none */
	void **args;  /* owned: arguments of the clients' and servers' mains, NULL for others */
	char **names; /* owned */
};

/* Makes the roles of a phase; p, label and o must outlive them. A role that the steps start has a
 * process for each time, which waits for {"type":"begin"} from the lab's beginning. */
void phase_roles_init(struct phase_roles *roles, const struct phase *p, const char *label,
		      const struct phase_options *o);
void phase_roles_fini(struct phase_roles *roles);

#endif

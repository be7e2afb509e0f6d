/* step.h - what is done inside a phase, one step after the other, in memory: copied, described.
 * Reads no YAML (load_steps.h) and does nothing (step_program.h puts steps in their order of time).
 */
#ifndef WEDGE_SCENARIOS_SCENARIO_STEP_H
#define WEDGE_SCENARIOS_SCENARIO_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum step_kind {
	STEP_WAIT,
	STEP_SECTION, /* what begins from here on belongs to the section named */
	STEP_SET,   /* one parameter of an impairment, or of a client that takes it while it runs */
	STEP_RAMP,  /* the same, from one value to another in many small steps */
	STEP_RESET, /* ends an episode of an impairment's random schedule */
	STEP_START, /* of a role */
	STEP_STOP,  /* it ends by itself, connections in good order */
	STEP_HANG,  /* it stands still, and its kernel goes on */
	STEP_KILL,  /* SIGKILL: its kernel ends the connections */
	STEP_VANISH, /* it is gone, and its kernel says nothing to anybody: no FIN, no RST */
	STEP_UNPLUG, /* of a host: its cable is out */
	STEP_PLUG,
	STEP_AWAIT, /* goes on when so many exchanges have come to their end */
	STEP_REPEAT,
	STEP_KINDS
};

/* The section of what begins before the first STEP_SECTION of a phase with steps. */
#define SECTION_START "start"

extern const char *const step_names[]; /* by enum step_kind, NULL-terminated */

struct step {
	enum step_kind kind;
	/* What it acts on: a section's name; IMPAIRMENT; "client" or "TRAFFIC.server"; a host; of
	 * STEP_AWAIT the traffic. NULL where the kind has none. */
	char *target;
	char *key;	   /* STEP_SET, STEP_RAMP: the parameter of target */
	bool switched;	   /* STEP_SET: written as on or off */
	char *value;	   /* STEP_SET: as written; STEP_RAMP: of which it begins */
	char *to;	   /* STEP_RAMP */
	double by;	   /* STEP_RAMP with every: how much further each time */
	int64_t every;	   /* STEP_RAMP: between two values; 0: over */
	int64_t time;	   /* STEP_WAIT; STEP_RAMP: over; STEP_AWAIT: within; nanoseconds */
	int64_t longest;   /* STEP_WAIT of a range, from time to this; 0: time alone */
	uint64_t n;	   /* STEP_AWAIT: how many; STEP_REPEAT: times */
	bool failed;	   /* STEP_AWAIT: exchanges that failed; else that succeeded */
	struct step *list; /* STEP_REPEAT: the steps inside */
	size_t nlist;
	char *where; /* "FILE:LINE:COLUMN" */
};

void step_copy(struct step *dst, const struct step *src);
void step_fini(struct step *s);

/* The same of a list; steps_copy allocates, steps_free frees the list too. */
struct step *steps_copy(const struct step *list, size_t n);
void steps_free(struct step *list, size_t n);

/* Returns one step in words, "set connection_limit.leak=false"; the caller frees. */
char *step_describe(const struct step *s);

/* Writes the role of a traffic as step_role_split reads it; the caller frees. */
char *step_role_format(const char *traffic, bool server);

/* Returns whether an order to target concerns that role on that host: target is the role, the role
 * on that host ("server@edge1"), or a host beside client and server. */
bool step_concerns(const char *target, const char *role, const char *host);

/* Returns whether the step breaks something by itself: it kills, hangs, vanishes or unplugs. */
bool step_breaks(const struct step *s);
/* The same of a list, of what it repeats too. */
bool steps_break(const struct step *list, size_t n);

/* Takes out of a list, for a phase in which nothing is to go wrong, the steps that act on
 * impairments and those that break something, with the start or plug that ends it. */
void steps_make_healthy(struct step **list, size_t *n);

/* Returns whether it acts on an impairment, and can't do without it. */
bool step_needs_impairment(const struct step *s);

#define STEP_ROLE_TEXT 64
/* Splits a role, "client" or "owa.server", into its traffic ("main") and its end. False: that isn't
 * how a role is written. */
bool step_role_split(const char *role, char traffic[STEP_ROLE_TEXT], bool *server);

#endif

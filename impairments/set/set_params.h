/* set_params.h - one instance: an impairment with its own parameters and those that all have; how
 * they are set, checked, copied and printed, and what follows from them alone. Knows no set and no
 * session. */
#ifndef WEDGE_IMPAIRMENTS_SET_SET_PARAMS_H
#define WEDGE_IMPAIRMENTS_SET_SET_PARAMS_H

#include "impairments/impairment.h"
#include "impairments/trigger/trigger.h"

#include <stdio.h>

enum impair_direction { IMPAIR_UPSTREAM, IMPAIR_DOWNSTREAM, IMPAIR_BOTH };

/* What an instance was to the sessions of its proxy, as far as it has come. */
struct impair_tally {
	uint64_t sessions; /* that came while it was there */
	uint64_t acted;	   /* those of which it has changed something */
	/* In at least one: it had a stage, or was asked at accept; it matched; it was chosen; it
	 * was active; it counted a message. enabled: at some time. */
	bool placed, matched, chosen, active, counted, enabled;
};

/* One impairment with its parameters, as a user has asked for it. */
struct impair_inst {
	const struct impairment *type;
	char *name;    /* "delayed_ack"; the second of a set "delayed_ack#2"; or as label says */
	void *cfg;     /* of type->cfg_size */
	int direction; /* enum impair_direction; where the kind acts_in unless direction_given */
	int leg;       /* enum impair_leg; the impairment's default unless leg_given */
	bool direction_given, leg_given;
	char *traffic; /* parameter "on": in a scenario, the traffic that it acts on */
	char *host;    /* parameter "host": all sessions of that host instead; "": traffic counts */
	char *label;   /* parameter "name", or "" */
	struct trigger_params when;
	unsigned
	    index; /* from it come the stage numbers of its random sequences; kept by changes */
	struct impair_tally tally; /* whole once it isn't at work any more */
	struct impair_live *live;  /* while the set is at work, else NULL */
};

/* The parameters that every instance has besides its impairment's own, as members of struct
 * impair_inst. */
extern const struct param impair_common_params[];

/* Makes *inst an instance with every default and index 0. name is allocated; inst takes it over. */
void impair_inst_init(struct impair_inst *inst, const struct impairment *type, char *name);

/* Releases what *inst owns, not the struct itself. */
void impair_inst_fini(struct impair_inst *inst);

/* Makes *to an independent copy that isn't at work. */
void impair_inst_copy(struct impair_inst *to, const struct impair_inst *from);

/* Sets one parameter, its own or a common one. -1: there is no such parameter, the value is
 * refused, or the impairment has no leg or no direction to choose. */
int impair_inst_set(struct impair_inst *inst, const char *param, const char *value,
		    struct err *e) WG_MUSTUSE;

/* Says on which side the host is that the instance acts on, "client" or "server": a kind that
 * wants to know is told, and a fault of the network comes to that side's leg. A side or a leg that
 * the user has given stays. */
void impair_inst_set_side(struct impair_inst *inst, const char *side);

/* Refuses parameters that contradict each other, and triggers that don't suit where it acts. */
int impair_inst_check(const struct impair_inst *inst, struct err *e) WG_MUSTUSE;

/* Writes "delayed_ack{direction=downstream,timer=200ms}", which impairment_set_text would accept.
 */
void impair_inst_describe(FILE *out, const struct impair_inst *inst);

/* Returns whether the instance has a stage for that direction of data. */
bool impair_inst_concerns(const struct impair_inst *inst, enum dir dir);

/* Returns whether the session of that number is one that the instance may act on at all. */
bool impair_inst_meets(const struct impair_inst *inst, uint64_t session);

/* The numbers from which the core makes the random sequences of the instance's stages: no two
 * instances, flows or legs share a sequence. */
unsigned impair_inst_stage_number(const struct impair_inst *inst);
unsigned impair_inst_pkt_stage_number(const struct impair_inst *inst, enum leg leg, enum dir dir);

#endif

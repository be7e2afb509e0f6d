/* set_params.h - one instance of an impairment: its own and the common parameters, set, checked and
 * printed, and what follows from them alone. Knows no set, no session and no run. */
#ifndef WEDGE_IMPAIRMENTS_SET_SET_PARAMS_H
#define WEDGE_IMPAIRMENTS_SET_SET_PARAMS_H

#include "impairments/impairment.h"
#include "impairments/trigger/trigger.h"

#include <stdio.h>

enum impair_direction { IMPAIR_UPSTREAM, IMPAIR_DOWNSTREAM, IMPAIR_BOTH };

/* One impairment with its parameters, as a user has asked for it. */
struct impair_inst {
	const struct impairment *type;
	char *name;    /* "delayed_ack", the second of a kind "delayed_ack#2" */
	void *cfg;     /* of type->cfg_size */
	int direction; /* enum impair_direction */
	int leg;       /* enum impair_leg, resolved */
	bool leg_given;
	char *traffic; /* "on": in a scenario, which traffic it acts on; "main" when not given */
	char *label;   /* the name that was given, or "" */
	struct trigger_params when;
	unsigned index; /* place in the list, or in the order of coming: the rng's stage number */
	struct impair_live *live; /* NULL until the set's first session opens */
};

/* The parameters that every instance has besides its kind's own; members of struct impair_inst. A
 * leg is for the packet plane only. */
extern const struct param impair_common_params[];

/* An instance with every default, and its parts for param_free; the caller gives it its index. */
void impair_inst_init(struct impair_inst *inst, const struct impairment *type, char *name);

/* Releases what an instance owns, not itself. */
void impair_inst_fini(struct impair_inst *inst);

/* An independent copy, which isn't at work. */
void impair_inst_copy(struct impair_inst *to, const struct impair_inst *from);

/* One parameter, own or common. */
int impair_inst_set(struct impair_inst *inst, const char *param, const char *value,
		    struct err *e) WG_MUSTUSE;

/* The rules between its parameters. */
int impair_inst_check(const struct impair_inst *inst, struct err *e) WG_MUSTUSE;

/* "delayed_ack{direction=downstream,timer=200ms}" */
void impair_inst_describe(FILE *out, const struct impair_inst *inst);

/* Whether it has a stage in that flow. */
bool impair_inst_concerns(const struct impair_inst *inst, enum dir dir);

/* The numbers under which the core makes the random sequences of its stages: no two instances and
 * no two flows share one. */
unsigned impair_inst_stage_number(const struct impair_inst *inst);
unsigned impair_inst_pkt_stage_number(const struct impair_inst *inst, enum leg leg, enum dir dir);

#endif

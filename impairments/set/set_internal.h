/* set_internal.h - what the files of the set share: one instance, made and filled. */
#ifndef WEDGE_IMPAIRMENTS_SET_SET_INTERNAL_H
#define WEDGE_IMPAIRMENTS_SET_SET_INTERNAL_H

#include "impairments/set/set.h"

#include <sys/types.h>

#define TRAFFIC_DEFAULT "main"

/* A new last instance with every default; valid until the next one is appended. */
struct impair_inst *impairment_set_append(struct impairment_set *s, const struct impairment *type);

/* One parameter, own or common. */
int impair_inst_set(struct impair_inst *inst, const char *param, const char *value,
		    struct err *e) WG_MUSTUSE;

/* The rules between its parameters. */
int impair_inst_check(const struct impair_inst *inst, struct err *e) WG_MUSTUSE;

/* "delayed_ack{direction=downstream,timer=200ms}" */
void impair_inst_describe(FILE *out, const struct impair_inst *inst);

/* The numbers under which the core makes the random sequences of its stages: no two instances and
 * no two flows share one. */
unsigned impair_stage_number(const struct impair_inst *inst);
unsigned impair_pkt_stage_number(const struct impair_inst *inst, enum leg leg, enum dir dir);

/* Whether it has a stage in that flow. */
bool impair_inst_concerns(const struct impair_inst *inst, enum dir dir);

/* An independent copy, which isn't at work; and the place of that name, or -1 with the error. */
void impair_inst_copy(struct impair_inst *to, const struct impair_inst *from);
ssize_t impairment_set_find(const struct impairment_set *s, const char *name, struct err *e);

/* Releases what an instance owns, not itself. */
void impair_inst_fini(struct impair_inst *inst);

#endif

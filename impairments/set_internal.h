/* set_internal.h - what the files of the set share: one instance, made and filled. */
#ifndef WEDGE_IMPAIRMENTS_SET_INTERNAL_H
#define WEDGE_IMPAIRMENTS_SET_INTERNAL_H

#include "impairments/set.h"

/* A new last instance with every default; valid until the next one is appended. */
struct impair_inst *impairment_set_append(struct impairment_set *s, const struct impairment *type);

/* One parameter, own or common. */
int impair_inst_set(struct impair_inst *inst, const char *param, const char *value,
		    struct err *e) WG_MUSTUSE;

/* The rules between its parameters. */
int impair_inst_check(const struct impair_inst *inst, struct err *e) WG_MUSTUSE;

/* Releases what an instance owns, not itself. */
void impair_inst_fini(struct impair_inst *inst);

#endif

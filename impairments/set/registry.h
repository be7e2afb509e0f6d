/* registry.h - every impairment that this wedge was built with, from list.h. */
#ifndef WEDGE_IMPAIRMENTS_SET_REGISTRY_H
#define WEDGE_IMPAIRMENTS_SET_REGISTRY_H

#include "impairments/impairment.h"

extern const struct impairment *const impairment_kinds[]; /* NULL-terminated, in list.h's order */

/* The impairment of that name, or NULL. */
const struct impairment *impairment_find(const char *name);
/* The same; for another name NULL with *e, which tells what was probably meant: a name that is
 * spelt nearly so, or what does what another tool calls so. */
const struct impairment *impairment_named(const char *name, struct err *e) WG_MUSTUSE;

#endif

/* registry.h - every impairment that this wedge was built with, from list.h. */
#ifndef WEDGE_IMPAIRMENTS_SET_REGISTRY_H
#define WEDGE_IMPAIRMENTS_SET_REGISTRY_H

#include "impairments/impairment.h"

extern const struct impairment *const impairment_kinds[]; /* NULL-terminated, from list.h */
const struct impairment *impairment_find(const char *name);

#endif

/* lab_reasons.h - says in what a lab's hosts differ from Linux as it is, and why. Pins nothing. */
#ifndef WEDGE_SCENARIOS_LAB_LAB_REASONS_H
#define WEDGE_SCENARIOS_LAB_LAB_REASONS_H

#include "scenarios/lab/lab_spec.h"

#include <jansson.h>

/* Returns {"offloads": "off: why", ...}; the caller owns it. */
json_t *lab_reasons(const struct lab_spec *spec);

#endif

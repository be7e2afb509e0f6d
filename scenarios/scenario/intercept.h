/* intercept.h - how wedge stands in the lab's way of a connection: the modes of lab.intercept. */
#ifndef WEDGE_SCENARIOS_SCENARIO_INTERCEPT_H
#define WEDGE_SCENARIOS_SCENARIO_INTERCEPT_H

#include "proxy/base/attrs.h"

enum intercept { INTERCEPT_EXPLICIT, INTERCEPT_FORWARD, INTERCEPT_TRANSPARENT };

#define INTERCEPT_MODES "explicit, forward or transparent"

/* Parses a mode's name; -1 when text names none. */
int intercept_parse(const char *text, enum intercept *out) WG_MUSTUSE;
const char *intercept_name(enum intercept mode);

#endif

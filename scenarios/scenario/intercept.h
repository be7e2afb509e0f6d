/* intercept.h - how wedge stands in the lab's way of a connection: the modes of lab.intercept. */
#ifndef WEDGE_SCENARIOS_SCENARIO_INTERCEPT_H
#define WEDGE_SCENARIOS_SCENARIO_INTERCEPT_H

#include "proxy/base/attrs.h"

enum intercept { INTERCEPT_EXPLICIT, INTERCEPT_FORWARD, INTERCEPT_TRANSPARENT };

#define INTERCEPT_MODES "explicit, forward or transparent"

/* A set of modes: bit INTERCEPT_BIT(mode) of each. */
#define INTERCEPT_BIT(mode) (1u << (mode))
#define INTERCEPT_ALL	    7u

/* Parses a mode's name; -1 when text names none. */
int intercept_parse(const char *text, enum intercept *out) WG_MUSTUSE;
const char *intercept_name(enum intercept mode);

/* Returns the names of a set's modes, "forward or transparent"; the caller's to free. */
char *intercept_words(unsigned modes) WG_MUSTUSE;

#endif

/* show_json.h - one scenario as a JSON object. */
#ifndef WEDGE_SCENARIOS_CLI_SHOW_JSON_H
#define WEDGE_SCENARIOS_CLI_SHOW_JSON_H

#include "scenarios/scenario/scenario.h"

/* Prints s on stdout. */
void show_json(const struct scenario *s);

#endif

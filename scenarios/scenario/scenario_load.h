/* scenario_load.h - a scenario file, or a scenario of the catalogue, from its text to a checked
 * scenario: whole or not at all. */
#ifndef WEDGE_SCENARIOS_SCENARIO_SCENARIO_LOAD_H
#define WEDGE_SCENARIOS_SCENARIO_SCENARIO_LOAD_H

#include "scenarios/scenario/scenario.h"

/* Loads and validates. where is a catalogue name or the path of a YAML file (it has a slash or ends
 * in .yaml); dir replaces the embedded catalogue when not NULL. quick applies the file's "quick:"
 * overrides. known_metric (may be NULL) says which metrics are measured. Errors name file, line,
 * column, key and what would be accepted; an unknown name is answered with the nearest one. */
int scenario_load(const char *where, const char *dir, bool quick, metric_known_fn *known_metric,
		  void *arg, struct scenario **out, struct err *e) WG_MUSTUSE;

#endif

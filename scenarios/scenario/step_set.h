/* step_set.h - one value of a step from its text, as the file and --set give it. Knows the words of
 * each kind, not which roles and impairments there are. */
#ifndef WEDGE_SCENARIOS_SCENARIO_STEP_SET_H
#define WEDGE_SCENARIOS_SCENARIO_STEP_SET_H

#include "proxy/base/err.h"
#include "scenarios/scenario/step.h"

#define STEP_TIME_MAX (INT64_C(86400) * 1000000000) /* of a wait, a ramp, an await: a day */

/* Sets one value: STEP_WAIT's "wait"; "from", "to", "by", "every", "over" of a ramp; "failed",
 * "completed", "within", "on" of an await; "times" of a repeat. */
int step_set_value(struct step *s, const char *key, const char *value, struct err *e) WG_MUSTUSE;

/* Sets a value of one of the steps, found by "KIND[#N][.KEY]": the Nth of its kind, those inside of
 * repetitions too, in the order in which the file has them. */
int steps_set(struct step *list, size_t n, const char *path, const char *value,
	      struct err *e) WG_MUSTUSE;

/* Refuses a step that lacks a value that its kind needs. */
int step_check_whole(const struct step *s, struct err *e) WG_MUSTUSE;

#endif

/* record.h - plays a failure and leaves a folder of it that doesn't tell which it was. */
#ifndef WEDGE_SCENARIOS_BLIND_RECORD_H
#define WEDGE_SCENARIOS_BLIND_RECORD_H

#include "scenarios/scenario/scenario.h"

/* Plays the two phases of the scenario and makes the folder out, by the rules of workdir.h. 0; or
 * -1, and in *e what may be told to somebody who mustn't know which failure it was: nothing
 * (text empty) when the run itself failed, or didn't reproduce the failure. */
int blind_record(const struct scenario *s, uint64_t seed, const char *out,
		 struct err *e) WG_MUSTUSE;

#endif

/* fit_file.h - a fitted scenario as a file: whole, or not at all. */
#ifndef WEDGE_SCENARIOS_FIT_FIT_FILE_H
#define WEDGE_SCENARIOS_FIT_FIT_FILE_H

#include "scenarios/fit/fit.h"

/* Refuses a path that can't be written, or that has a file which wedge didn't make. */
int fit_file_check(const char *path, struct err *e) WG_MUSTUSE;

/* Reads the capture once more for the shape of its worst service, and writes the scenario to path.
 * -1 with *e. */
int fit_file_write(const char *path, const char *capture, const struct diagnosis *d,
		   struct fit_outcome *outcome, struct err *e) WG_MUSTUSE;

#endif

/* json.h - a diagnosis for programs, as docs/analyze-format.md describes it. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_JSON_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_JSON_H

#include "scenarios/diagnosis/diagnosis.h"

#include <jansson.h>
#include <stdio.h>

/* path: as the user named the capture. matches: the array of match_json, which is taken over. -1
 * with *e when out takes no more. */
int json_write(const struct diagnosis *d, const char *path, json_t *matches, FILE *out,
	       struct err *e) WG_MUSTUSE;

#endif

/* json.h - a diagnosis for programs, as docs/analyze-format.md describes it. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_JSON_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_JSON_H

#include "scenarios/diagnosis/diagnosis.h"

#include <jansson.h>
#include <stdio.h>

/* Returns what is found of one capture; a new reference. path: as the user named it. matches: the
 * array of match_json, which is taken over. */
json_t *json_make(const struct diagnosis *d, const char *path, json_t *matches) WG_MUSTUSE;

/* Returns what is found of two captures of one traffic, of what was found of each, whose matches
 * are null; takes all over. A new reference. */
json_t *json_make_pair(json_t *pair, json_t *near, json_t *far, json_t *matches) WG_MUSTUSE;

/* Returns one wait, and all findings, as they stand in a diagnosis; new references. */
json_t *json_wait(const struct proof *p) WG_MUSTUSE;
json_t *json_findings(const struct findings *f) WG_MUSTUSE;

/* Writes it and takes it over. -1 with *e when out takes no more. */
int json_write(json_t *j, FILE *out, struct err *e) WG_MUSTUSE;

#endif

/* result_merge.h - the results of processes that played one role after the other, as one. */
#ifndef WEDGE_SCENARIOS_RUN_RESULT_MERGE_H
#define WEDGE_SCENARIOS_RUN_RESULT_MERGE_H

#include <jansson.h>

/* Adds a result (workload.h) to *all: counts are added, lists joined, "total" goes from the first
 * exchange to the last, and of the rest the later one counts. *all may be NULL and then becomes a
 * new reference to the result; a NULL result adds nothing. */
void result_merge(json_t **all, json_t *result);

#endif

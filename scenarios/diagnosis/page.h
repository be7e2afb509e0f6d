/* page.h - a diagnosis as a page for a person: the verdict in one sentence, the causes, the
 * connections that lost the most time, and what is healthy. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_PAGE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_PAGE_H

#include "scenarios/diagnosis/diagnosis.h"

#include <stdio.h>

/* path: as the user named the capture. */
void page_write(const struct diagnosis *d, const char *path, FILE *out);

#endif

/* page.h - a diagnosis as a page for a person: the verdict in one sentence, the causes, the
 * connections that lost the most time, and what is healthy. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_PAGE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_PAGE_H

#include "scenarios/diagnosis/diagnosis.h"

#include <stdio.h>

/* path: as the user named the capture. At most that many causes and connections are shown. */
void page_write(const struct diagnosis *d, const char *path, size_t shown, FILE *out);

#endif

/* page.h - a diagnosis as a page for a person: the verdict in one sentence, the causes, the
 * connections that lost the most time, and what is healthy. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_PAGE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_PAGE_H

#include "scenarios/diagnosis/diagnosis.h"

#include <stdio.h>

/* path: as the user named the capture. top: so many causes, servers and connections are shown, if
 * there are; 0: as many as are usual. */
void page_write(const struct diagnosis *d, const char *path, size_t top, FILE *out);

#endif

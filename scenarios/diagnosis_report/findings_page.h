/* findings_page.h - the findings, as a part of the page for a person. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_FINDINGS_PAGE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_FINDINGS_PAGE_H

#include "scenarios/diagnosis/findings.h"

#include <stdio.h>

/* Returns a finding as a sentence without its full stop, to be freed. */
char *finding_sentence(const struct finding *x);

/* Returns a display filter that shows the frames that prove its first case; the caller frees. */
char *finding_filter(const struct finding *x) WG_MUSTUSE;

/* Writes all, each with a filter for Wireshark; nothing when there are none. where: "on the
 * client's side", of several captures; NULL: there is one. */
void findings_write(const struct findings *f, const char *where, FILE *out);

#endif

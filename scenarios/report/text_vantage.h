/* text_vantage.h - the vantage table as part of report.txt. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_TEXT_VANTAGE_H
#define WEDGE_SCENARIOS_REPORT_TEXT_VANTAGE_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Nothing where no phase has a transaction. */
void text_vantage(const struct result *r, FILE *out);

#endif

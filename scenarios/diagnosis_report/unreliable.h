/* unreliable.h - why a capture is unreliable: it lacks packets, has them twice, or its clock goes
 * back (R0). What it shows of loss isn't judged then. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_UNRELIABLE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_UNRELIABLE_H

#include "scenarios/diagnosis/diagnosis.h"

/* Returns the reason, and of which connections it holds, without a full stop; to be freed. NULL:
 * the capture is reliable. */
char *unreliable_reason(const struct diagnosis *d);

#endif

/* resends.h - segments that were sent again, and how long after the time before. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_RESENDS_H
#define WEDGE_SCENARIOS_ANALYSIS_RESENDS_H

#include "scenarios/analysis/connection.h"

enum sent { SENT_NEW, SENT_LATE, SENT_AGAIN };

/* Takes a segment of dir with the sequence space [start, end), SYN and FIN included. */
void resend_take_segment(struct connection *c, enum dir dir, uint64_t start, uint64_t end,
			 int64_t at, enum sent how);

#endif

/* pauses.h - when each side of a connection sent, and when it left something unanswered: the raw
 * material of server_silence and of R14. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_PAUSES_H
#define WEDGE_SCENARIOS_ANALYSIS_PAUSES_H

#include "scenarios/analysis/connection.h"

/* Takes every segment of the connection; asks: it takes sequence space, so that its receiver owes
 * an answer. */
void pause_take_segment(struct connection *c, enum dir dir, bool asks, int64_t at);

#endif

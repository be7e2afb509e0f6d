/* v1_stats.h - what passes each proxy, in wedge's own API, as sums that only grow: who asks twice
 * knows what was in between. */
#ifndef WEDGE_API_V1_STATS_H
#define WEDGE_API_V1_STATS_H

#include "proxy/api/http_message.h"
#include "proxy/api/toxi.h"

/* Sets the whole answer. */
void v1_stats_show(const struct toxi *t, struct http_answer *a);

#endif

/* shown_connection.h - the connection that a report draws: its packets, from the finished capture,
 * with wedge's comments in it. The verdict has been spoken before. */
#ifndef WEDGE_SCENARIOS_SHOWN_CONNECTION_SHOWN_CONNECTION_H
#define WEDGE_SCENARIOS_SHOWN_CONNECTION_SHOWN_CONNECTION_H

#include "scenarios/run/result.h"

/* Fills r->connection from the captures in folder: of the first look that found frames (r->looks),
 * else of the first phase with an impairment. It stays empty where there is none that can be read.
 */
void show_connection(struct result *r, const char *folder);

#endif

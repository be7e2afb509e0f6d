/* engine_describe.h - sessions and counts of an engine as JSON, for whoever shows them: the same
 * for a proxy that runs and for a lab. Changes nothing; the caller owns what is returned. */
#ifndef WEDGE_ENGINE_ENGINE_DESCRIBE_H
#define WEDGE_ENGINE_ENGINE_DESCRIBE_H

#include "proxy/engine/engine_counts.h"
#include "proxy/engine/engine_sessions.h"

#include <jansson.h>

/* A session with each of its impairments. */
json_t *engine_describe_session_whole(const struct engine_session *s);

/* A list of the open sessions, of the oldest at most so many (which isn't 0): the sums of each, or
 * each whole. */
json_t *engine_describe_sessions(const struct engine *en, size_t most, bool whole);

/* Of a proxy: its sessions, and each direction's bytes. */
json_t *engine_describe_counts(const struct engine_proxy_counts *c);

/* Of the packet plane. */
json_t *engine_describe_packets(const struct engine *en);

#endif

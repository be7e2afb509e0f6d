/* stage_rig.h - a flow without sockets for unit tests of stages: a fake clock, a sink that writes
 *down what arrived and when, a journal in memory. Link with "LAYER: wedge_stream stage_rig".
 *
 *	struct rig *r = rig_new(&latency_ops, &(struct latency_cfg){.delay = 200 * NS_PER_MS});
 *	rig_feed(r, "hello");
 *	rig_advance(r, 100 * NS_PER_MS);
 *	rig_end(r, END_FIN);
 *	rig_advance(r, 300 * NS_PER_MS);
 *	assert_string_equal(rig_log(r), "200ms hello\n300ms FIN\n");
 *	rig_free(r);
 *
 * Every call checks the laws that hold for all stages: what comes out plus what was eaten and is
 * held is what came in plus what was added; nothing follows the end; timers are never early. */
#ifndef WEDGE_TESTS_STAGE_RIG_H
#define WEDGE_TESTS_STAGE_RIG_H

#include "proxy/stream/flow/stage.h"

struct rig;

/* One stage, attached to an upstream flow of session 1 and active; the clock is at 0, the seed 1.
 * ops NULL: no stage yet. cfg is borrowed. */
struct rig *rig_new(const struct stage_ops *ops, const void *cfg);
struct rig *rig_new_dir(const struct stage_ops *ops, const void *cfg, enum dir dir, uint64_t seed,
			uint64_t session);
void rig_free(struct rig *r);

/* Another one behind those there are; active. The first one is rig_stage(r). */
struct stage *rig_attach(struct rig *r, const struct stage_ops *ops, const void *cfg,
			 const char *name);
struct stage *rig_stage(struct rig *r);
struct flow *rig_flow(struct rig *r);

/* The source sends: text, n bytes of a pattern that shows losses and swaps, FIN or RST. */
void rig_feed(struct rig *r, const char *text);
void rig_feed_bytes(struct rig *r, size_t n);
void rig_end(struct rig *r, enum flow_end end);

/* The clock goes on by ns; what comes due meanwhile runs at its own time, in order. rig_settle runs
 * until no timer is armed, at most 10,000 of them. */
void rig_advance(struct rig *r, int64_t ns);
void rig_settle(struct rig *r);
int64_t rig_now(const struct rig *r);
int64_t rig_next_due(const struct rig *r); /* INT64_MAX when no timer is armed */

/* The destination takes nothing any more, or everything again: back-pressure. */
void rig_block(struct rig *r, bool blocked);

/* What arrived, all in all, as one text or as bytes. */
const char *rig_text(const struct rig *r);
const unsigned char *rig_bytes(const struct rig *r, size_t *n);
enum flow_end rig_ended(const struct rig *r);

/* Whether what arrived is, byte for byte, the beginning of what rig_feed_bytes has sent. */
bool rig_bytes_in_order(const struct rig *r);

/* What arrived and when, a line each: "200ms hello", "1.5s 1448B" (what isn't printable or longer
 * than 40 bytes is counted), "300ms FIN", "0s RST", and resets of a stage's own: "1s reset client:
 * why", "1s reset server after delivery: why", "1s FIN back". */
const char *rig_log(const struct rig *r);

/* The journal's lines so far, without the first. */
const char *rig_journal(struct rig *r);

bool rig_readable(const struct rig *r); /* the source is being read */

#endif

/* session_rig.h - sessions without sockets, all under one instance of one stream impairment: for
 *shared state and for verdicts at accept. Link with "LAYER: wedge_impairments_stream session_rig".
 *
 *	struct srig *r = srig_new(&freeze_impairment, "run=30ms,pause=20ms");
 *	srig_open(r, 1);
 *	srig_advance(r, 40 * NS_PER_MS);
 *	srig_feed(r, 1, DIR_UPSTREAM, "hello");
 *	srig_advance(r, 20 * NS_PER_MS);
 *	assert_string_equal(srig_log(r), "50ms 1 upstream hello\n");
 *	srig_free(r);
 *
 * The core checks its laws at each call: bytes out, eaten and held are bytes in and added; the end
 * comes once. srig_free fails when a timer is left armed. */
#ifndef WEDGE_TESTS_SESSION_RIG_H
#define WEDGE_TESTS_SESSION_RIG_H

#include "impairments/impairment.h"

struct srig;

/* Each session has a stage in its downstream flow, in both flows where the impairment says so
 * (both_flows), or in that of dir. params are as on the command line: "a=1,b=2"; NULL: all
 * defaults. */
struct srig *srig_new(const struct impairment *im, const char *params);
struct srig *srig_new_dir(const struct impairment *im, const char *params, enum dir dir);
void srig_free(struct srig *r);

/* Begins a session, numbered from 1 to SRIG_SESSIONS, from the client address that was set last:
 * the log has accept's verdict. srig_open returns whether the session goes on; srig_close ends it.
 */
#define SRIG_SESSIONS 200
bool srig_open(struct srig *r, unsigned session);
void srig_close(struct srig *r, unsigned session);
void srig_client(struct srig *r, const char *address);

/* Sets whether the triggers let the instance act: on sessions that begin from now on, or on one
 * that is open. */
void srig_active_at_accept(struct srig *r, bool active);
void srig_activate(struct srig *r, unsigned session, bool active);

/* Changes parameters while all runs. */
void srig_set(struct srig *r, const char *params);

void srig_feed(struct srig *r, unsigned session, enum dir dir, const char *text);
void srig_feed_data(struct srig *r, unsigned session, enum dir dir, const void *data, size_t n);
void srig_end(struct srig *r, unsigned session, enum dir dir, enum flow_end end);
void srig_advance(struct srig *r, int64_t ns);
int64_t srig_now(const struct srig *r);

struct flow *srig_flow(struct srig *r, unsigned session, enum dir dir);
struct stage *srig_stage(struct srig *r, unsigned session, enum dir dir); /* NULL: none */

/* Returns the n bytes that one flow has delivered so far; n may be NULL. */
const char *srig_out(struct srig *r, unsigned session, enum dir dir, size_t *n);
enum flow_end srig_ended(struct srig *r, unsigned session, enum dir dir);

/* What arrived and when, a line each: "50ms 1 upstream hello", "1s 2 downstream 1448B",
 * "1s 2 downstream FIN", "1s 2 reset client: why", "0s 3 accept silent: why". */
const char *srig_log(const struct srig *r);
void srig_log_clear(struct srig *r);

const char *srig_journal(struct srig *r); /* its lines so far, without the first */

/* Returns 0 when the impairment accepts these parameters, or -1 with the reason. */
int srig_try(const struct impairment *im, const char *params, struct err *e);

#endif

/* set_rig.h - a set of impairments on sessions without sockets: for triggers, order and changes at
 * run time. Link with "LAYER: wedge_impairments set_rig".
 *
 *	struct set_rig *r = set_rig_new("cut{after=5B}");
 *	set_rig_open(r, 1);
 *	set_rig_feed(r, 1, DIR_DOWNSTREAM, "hello world");
 *	assert_string_equal(set_rig_log(r), "0s 1 downstream hello\n0s 1 downstream FIN\n");
 *	set_rig_free(r);
 */
#ifndef WEDGE_TESTS_SET_RIG_H
#define WEDGE_TESTS_SET_RIG_H

#include "impairments/live/apply.h"
#include "impairments/live/hooks.h"
#include "impairments/set/set_parse.h"

struct set_rig;

/* A set of impairments as on the command line, divided by " + "; a refused text fails the test. The
 * clock is at 0, the seed 1. */
struct set_rig *set_rig_new(const char *impairments);
struct set_rig *set_rig_new_seed(const char *impairments, uint64_t seed);
void set_rig_free(struct set_rig *r); /* fails when a timer is left armed */

struct impairment_set *set_rig_set(struct set_rig *r);

/* Changes the set (impairment_set_apply); false when that is refused, with the reason in
 * set_rig_error. */
bool set_rig_apply(struct set_rig *r, const char *impairments);
const char *set_rig_error(const struct set_rig *r);

/* Sessions have numbers from 1 to SET_RIG_SESSIONS, the client address that was set last and the
 * upstream "server.test:80". The log has accept's verdict unless it is ACCEPT_GO. connect: the
 * session's server is found at that address. */
#define SET_RIG_SESSIONS 2000
void set_rig_client(struct set_rig *r, const char *address);
void set_rig_port(struct set_rig *r, uint16_t port);
void set_rig_open(struct set_rig *r, unsigned session);
/* The next sessions come through p. */
void set_rig_proxy(struct set_rig *r, struct impair_proxy *p);
void set_rig_connect(struct set_rig *r, unsigned session, const char *address);
void set_rig_close(struct set_rig *r, unsigned session);

void set_rig_feed(struct set_rig *r, unsigned session, enum dir dir, const char *text);
void set_rig_feed_data(struct set_rig *r, unsigned session, enum dir dir, const void *data,
		       size_t n);
void set_rig_end(struct set_rig *r, unsigned session, enum dir dir, enum flow_end end);
void set_rig_advance(struct set_rig *r, int64_t ns);
struct flow *set_rig_flow(struct set_rig *r, unsigned session, enum dir dir);

/* The destination takes nothing any more, or everything again: back-pressure. */
void set_rig_block(struct set_rig *r, unsigned session, enum dir dir, bool blocked);

/* What arrived and when, a line each: "10s 1 downstream hello", "0s 1 downstream FIN", "0s 1 reset
 * client: why", "0s 3 refused: why". */
const char *set_rig_log(const struct set_rig *r);
void set_rig_log_clear(struct set_rig *r);
const char *set_rig_journal(struct set_rig *r); /* its lines so far, without the first */

#endif

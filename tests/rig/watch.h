/* watch.h - what the rigs of flows share: a clock that stands still until the test moves it, with
 * its timers, a log of what came out and when, a journal in memory. Knows no stages. */
#ifndef WEDGE_TESTS_WATCH_H
#define WEDGE_TESTS_WATCH_H

#include "proxy/stream/flow/flow.h"

/* Grows; s always ends with a NUL, and is never NULL once something, even nothing, was added. */
struct text {
	char *s;
	size_t n, room;
};

void text_add(struct text *t, const void *data, size_t n);

struct watch {
	struct fake_clock clock;
	struct env env; /* of that clock, with timers and journal */
	struct text log, journal;
	int journal_fd;
};

/* At time 0. watch_fini: every timer must be gone. */
void watch_init(struct watch *w, uint64_t seed);
void watch_fini(struct watch *w);

/* Timers due on the way run at their due times. */
void watch_advance(struct watch *w, int64_t ns);

/* A line of the log, "10s " before it. Of flows: "hello" or "300B" where the bytes are many or not
 * text; "FIN" or "RST"; "reset client after delivery: why". who comes before it ("1 downstream ").
 */
void watch_say(struct watch *w, const char *fmt, ...) WG_PRINTF(2, 3);
void watch_bytes(struct watch *w, const char *who, const void *data, size_t n);
void watch_end(struct watch *w, const char *who, enum flow_end end);
void watch_reset(struct watch *w, const char *who, enum leg leg, bool after_delivery,
		 const char *why);
void watch_log_clear(struct watch *w);

/* "1 downstream ", or "1 " of the session as a whole, where dir is "". */
#define WATCH_WHO 32
const char *watch_who(unsigned session, const char *dir, char buf[WATCH_WHO]);

const char *watch_journal(struct watch *w); /* its lines so far, without the first */

/* Bytes from the flow's source, in one push. */
void flow_feed(struct flow *f, const void *data, size_t n);

#endif

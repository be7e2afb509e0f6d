/* http1_tap.c - a stage that never acts, behind all others: a request that an impairment has eaten
 * has no response, and isn't counted. */
#include "impairments/live/http1_tap.h"

#include "impairments/live/buffer_piece.h"
#include "impairments/trigger/framing.h"
#include "proxy/base/mem.h"

#include <event2/buffer.h>

struct http1_tap {
	struct stage *stage;
	struct framing framing;
	struct http1_requests requests;
};

static size_t tap_admit(struct stage *st, struct evbuffer *buf)
{
	struct http1_tap *tap = st->owner;
	size_t n = evbuffer_get_length(buf), done = 0;

	while (done < n && !tap->framing.why) {
		enum framing_mark mark;
		size_t k = n - done;
		const unsigned char *p = buffer_piece(buf, done, &k);

		done += framing_read(&tap->framing, p, k, &mark);
		if (mark == MARK_BODY) /* which may be empty */
			framing_read(&tap->framing, p, 0, &mark);
	}
	return n;
}

static void tap_end(struct stage *st, enum flow_end how)
{
	(void)st;
	(void)how;
}

static const struct stage_gate tap_gate = {.admit = tap_admit, .end = tap_end};

static const struct stage_ops tap_ops = {
    .open = stage_default_open,
    .data = stage_default_data,
    .end = stage_default_end,
    .timer = stage_default_timer,
    .update = stage_default_update,
    .drain = stage_default_drain,
    .close = stage_default_close,
};

void http1_tap_attach(struct session_record *rec, struct flow *upstream)
{
	static const struct framing_config http1 = {.kind = FRAMING_HTTP1};
	struct http1_tap *tap;

	if (rec->http1 || upstream->in_bytes)
		return;
	tap = rec->http1 = xcalloc(1, sizeof(*tap));
	framing_init(&tap->framing, &http1, DIR_UPSTREAM);
	framing_note_requests(&tap->framing, &tap->requests);
	tap->stage = stage_attach_before(upstream, NULL, &tap_ops, NULL, "requests", 0);
	tap->stage->owner = tap;
	tap->stage->gate = &tap_gate;
}

const struct http1_requests *http1_tap_requests(const struct session_record *rec)
{
	return rec->http1 ? &rec->http1->requests : NULL;
}

struct stage *http1_tap_stage(const struct session_record *rec, const struct flow *f)
{
	return rec->http1 && rec->http1->stage->flow == f ? rec->http1->stage : NULL;
}

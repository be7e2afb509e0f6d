/* sni_tap.c - a stage that never acts: its gate, before all others, looks at every byte and lets it
 * pass. */
#include "impairments/live/sni_tap.h"
#include "proxy/stream/flow/stage_default.h"

#include "impairments/live/buffer_piece.h"

#include <event2/buffer.h>

static size_t tap_admit(struct stage *st, struct evbuffer *buf)
{
	struct session_record *rec = st->owner;
	size_t n = evbuffer_get_length(buf), done = 0;

	while (done < n && rec->sni.state == SNI_MORE) {
		size_t k = n - done;
		const unsigned char *p = buffer_piece(buf, done, &k);

		done += k;
		if (sni_feed(&rec->sni, p, k) != SNI_MORE)
			impair_run_learnt(rec);
	}
	return n;
}

static void tap_end(struct stage *st, enum flow_end how)
{
	struct session_record *rec = st->owner;

	(void)how;
	if (rec->sni.state != SNI_MORE)
		return;
	rec->sni_unknown = true;
	impair_run_learnt(rec);
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

void sni_tap_attach(struct session_record *rec, struct flow *upstream, bool begins)
{
	struct stage *st;

	if (rec->sni_tapped || rec->sni_unknown || rec->sni.state != SNI_MORE)
		return;
	if (upstream->in_bytes && !begins) {
		rec->sni_unknown = true;
		return;
	}
	st = stage_attach_before(upstream, upstream->first, &tap_ops, NULL, "sni", 0);
	st->owner = rec;
	st->gate = &tap_gate;
	rec->sni_tapped = true;
}

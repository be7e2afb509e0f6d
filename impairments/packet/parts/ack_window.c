/* ack_window.c - keeps the data from inside as ranges, in the order in which they came. */
#include "impairments/packet/parts/ack_window.h"

struct range {
	uint32_t begin, end;
};

static struct range *range_at(const struct ack_window *w, size_t i)
{
	return ring_at(&w->inside, i, sizeof(struct range));
}

void ack_window_open(struct ack_window *w, const struct pkt_stage *st)
{
	w->other |= st->conn->half[st->dir].bytes > 0;
}

void ack_window_data(struct ack_window *w, const struct pkt_stage *st, const struct tcp_view *v)
{
	uint32_t begin = v->seq + !!(v->flags & TCP_SYN);
	struct range *last = w->inside.n ? range_at(w, w->inside.n - 1) : NULL;

	if (!v->payload_len)
		return;
	if (st->outside)
		w->other = true;
	else if (last && last->end == begin)
		last->end += v->payload_len;
	else
		*(struct range *)ring_add(&w->inside, sizeof(struct range)) =
		    (struct range){.begin = begin, .end = begin + v->payload_len};
}

bool ack_window_has(struct ack_window *w, const struct pkt_stage *st, const struct tcp_view *v)
{
	bool new = !w->acked_seen || seq_diff(v->ack, w->acked) > 0, inside = false;

	for (size_t i = 0; new && i < w->inside.n; i++)
		inside |= seq_diff(v->ack, range_at(w, i)->begin) > 0 &&
			  (!w->acked_seen || seq_diff(range_at(w, i)->end, w->acked) > 0);
	if (new)
		w->acked = v->ack;
	w->acked_seen = true;
	return inside || ((!new || !w->other) && !st->outside);
}

void ack_window_sent(struct ack_window *w, const struct tcp_view *v)
{
	while ((v->flags & TCP_ACK) && w->inside.n && seq_diff(v->ack, range_at(w, 0)->end) >= 0)
		ring_drop(&w->inside, 1);
}

void ack_window_fini(struct ack_window *w)
{
	ring_fini(&w->inside);
	*w = (struct ack_window){0};
}

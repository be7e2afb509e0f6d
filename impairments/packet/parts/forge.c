/* forge.c - fills in addresses by the direction of travel and injects. */
#include "impairments/packet/parts/forge.h"

#include "proxy/packet/segment.h"

static void inject_forged(struct pkt_conn *c, const struct forged *f, struct ip_marks marks)
{
	const struct segment s = {
	    .src = f->dir == DIR_UPSTREAM ? c->client : c->server,
	    .dst = f->dir == DIR_UPSTREAM ? c->server : c->client,
	    .marks = marks,
	    .flags = f->flags,
	    .seq = f->seq,
	    .ack = f->ack,
	    .window = f->window,
	    .has_timestamp = f->has_timestamp,
	    .tsval = f->tsval,
	    .tsecr = f->tsecr,
	};
	uint8_t data[SEGMENT_MAX];

	pkt_inject(c, data, segment_make(data, &s));
}

void forge_send(struct pkt_conn *c, const struct forged *f)
{
	inject_forged(c, f, pkt_conn_marks_socketless(c, f->dir));
}

void forge_send_live(struct pkt_stage *st, const struct forged *f)
{
	struct ip_marks marks = pkt_conn_marks(st->conn, f->dir);
	struct forged now = *f;

	marks.id =
	    pkt_marks_add(&st->marks, &st->conn->sender[f->dir], pkt_stage_now(st), &now.tsval);
	inject_forged(st->conn, &now, marks);
}

bool forge_answer(const struct pkt *p)
{
	const struct tcp_view *v = &p->tcp;
	struct forged f = {.dir = dir_reverse(p->dir), .flags = TCP_RST};

	if (v->flags & TCP_RST)
		return false;
	if (v->flags & TCP_ACK) {
		f.seq = v->ack;
	} else {
		f.flags |= TCP_ACK;
		f.ack = v->seq + tcp_seq_len(v);
	}
	inject_forged(p->conn, &f, pkt_conn_marks_stray(p->conn, f.dir));
	return true;
}

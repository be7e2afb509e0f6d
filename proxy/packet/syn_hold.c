/* syn_hold.c - a SYN is held behind the stages, so these impair it before anybody learns of it; and
 * whatever answers it goes back through them. */
#include "proxy/packet/syn_hold.h"

#include "proxy/packet/conn_table.h"
#include "proxy/packet/segment.h"
#include "proxy/packet/unreachable.h"

static bool is_plain_syn(const struct tcp_view *v)
{
	return (v->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

bool syn_hold_wants(struct pkt_conn *c, const struct tcp_view *v)
{
	const struct pkt_entry *en = conn_table_entry(c);

	return en->role == PKT_ROLE_CLIENT_LEG && en->hooks.holds_syns && !en->let_in &&
	       (is_plain_syn(v) || v->flags & TCP_RST);
}

static void hold_syn(struct pkt_conn *c, struct pkt *p)
{
	conn_table_entry(c)->held_syn = p;
	c->host->held(c, 1);
}

/* Gives the held SYN its verdict, if there is one. */
static void release_syn(struct pkt_conn *c, bool accept)
{
	struct pkt_entry *en = conn_table_entry(c);
	struct pkt *p = en->held_syn;

	if (!p)
		return;
	en->held_syn = NULL;
	c->host->held(c, -1);
	c->host->verdict(p, accept);
}

/* A SYN that is sent again changes nothing: the first waits, as it would wait for its answer. An
 * RST ends here, since no socket knows of this connection: on a gateway it would go on to the
 * server. Another initial sequence number is another try of the same client, and takes its place.
 */
bool syn_hold_take(struct pkt *p)
{
	struct pkt_conn *c = p->conn;
	struct pkt_entry *en = conn_table_entry(c);
	const struct pkt *held = en->held_syn;
	bool waiting = held;

	if (p->made || p->dir != DIR_UPSTREAM || !syn_hold_wants(c, &p->tcp))
		return false;
	if (p->tcp.flags & TCP_RST || (held && held->tcp.seq == p->tcp.seq)) {
		c->host->verdict(p, false);
		return true;
	}
	release_syn(c, false);
	hold_syn(c, p);
	if (!waiting && !en->hooks.syn_held(en->hooks.arg, c))
		release_syn(c, true);
	return true;
}

/* The RST goes the way that the SYN-ACK would have gone (RFC 9293 section 3.10.7.1). */
static void send_rst(struct pkt_conn *c, const struct pkt *syn)
{
	const struct segment s = {
	    .src = c->server,
	    .dst = c->client,
	    .marks = pkt_conn_marks_stray(c, DIR_DOWNSTREAM),
	    .flags = TCP_RST | TCP_ACK,
	    .ack = syn->tcp.seq + tcp_seq_len(&syn->tcp),
	};
	uint8_t data[SEGMENT_MAX];

	c->host->make(c, DIR_DOWNSTREAM, data, segment_make(data, &s));
}

void syn_hold_answer(struct pkt_conn *c, enum syn_answer a)
{
	struct pkt_entry *en = conn_table_entry(c);

	if (!en->held_syn)
		return;
	en->let_in = a == SYN_LET_IN;
	if (!en->let_in)
		c->pending = NULL;
	if (a == SYN_REFUSE)
		send_rst(c, en->held_syn);
	release_syn(c, en->let_in);
}

void syn_hold_answer_unreachable(struct pkt_conn *c, const struct addr *from, uint8_t code)
{
	const struct pkt *syn = conn_table_entry(c)->held_syn;
	uint8_t data[UNREACHABLE_MAX];
	size_t len;

	if (!syn)
		return;
	c->pending = NULL;
	len = unreachable_make(data, from, code, &c->client, syn->data, syn->len);
	c->host->inject(c, data, len, false);
	release_syn(c, false);
}

void syn_hold_forget(struct pkt_conn *c)
{
	release_syn(c, true);
}

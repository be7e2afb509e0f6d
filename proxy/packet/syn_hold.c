/* syn_hold.c - clients that ask for a connection: a SYN is kept until somebody knows whether its
 * server can be reached. Asks no server and knows no session. */
#include "proxy/packet/syn_hold.h"

#include "proxy/base/mem.h"
#include "proxy/packet/pkt_tracker_internal.h"
#include "proxy/packet/segment.h"

#include <string.h>

static bool is_syn(const struct tcp_view *v)
{
	return (v->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

bool syn_hold_wants(const struct pkt_entry *en, const struct tcp_view *v)
{
	return en->role == PKT_ROLE_CLIENT_LEG && en->hooks.syn_held && !en->let_in && is_syn(v);
}

static void keep(struct pkt_entry *en, struct pkt *p)
{
	en->syn = p;
	pkt_tracker_held(en->conn.plane, 1);
}

/* The kept one, which is kept no more; NULL: there is none. */
static struct pkt *take(struct pkt_entry *en)
{
	struct pkt *p = en->syn;

	en->syn = NULL;
	if (p)
		pkt_tracker_held(en->conn.plane, -1);
	return p;
}

static void end(struct pkt_entry *en, bool accept)
{
	struct pkt *p = take(en);

	if (p)
		pkt_tracker_verdict(en->conn.plane, p, accept);
}

/* One that is sent again changes nothing: the first waits, as it would wait for its answer. Another
 * initial sequence number is another try of the same client. */
bool syn_hold_take(struct pkt *p)
{
	struct pkt_entry *en = conn_table_entry(p->conn);
	bool waiting = en->syn;

	if (p->made || p->dir != DIR_UPSTREAM || !syn_hold_wants(en, &p->tcp))
		return false;
	if (waiting && en->syn->tcp.seq == p->tcp.seq) {
		pkt_tracker_verdict(en->conn.plane, p, false);
		return true;
	}
	end(en, false);
	keep(en, p);
	if (!waiting && !en->hooks.syn_held(en->hooks.arg, &en->conn))
		end(en, true);
	return true;
}

/* The RST goes the way that the SYN-ACK would have gone (RFC 9293 section 3.10.7.1). */
static void refuse(struct pkt_entry *en, const struct pkt *syn)
{
	const struct segment s = {
	    .src = en->conn.server,
	    .dst = en->conn.client,
	    .flags = TCP_RST | TCP_ACK,
	    .ack = syn->tcp.seq + tcp_seq_len(&syn->tcp),
	};
	uint8_t data[SEGMENT_MAX];

	pkt_tracker_make(&en->conn, DIR_DOWNSTREAM, data, segment_make(data, &s));
}

void syn_hold_answer(struct pkt_conn *c, enum syn_answer a)
{
	struct pkt_entry *en = conn_table_entry(c);

	if (!en->syn)
		return;
	en->let_in = a == SYN_LET_IN;
	if (!en->let_in)
		c->pending = NULL;
	if (a == SYN_REFUSE)
		refuse(en, en->syn);
	end(en, en->let_in);
}

void syn_hold_answer_unreachable(struct pkt_conn *c, const struct addr *from, uint8_t code)
{
	struct pkt_entry *en = conn_table_entry(c);
	uint8_t data[UNREACHABLE_MAX];
	size_t len;

	if (!en->syn)
		return;
	c->pending = NULL;
	len = unreachable_make(data, from, code, &c->client, en->syn->data, en->syn->len);
	pkt_tracker_inject(c->plane, data, len, false);
	end(en, false);
}

void syn_hold_forget(struct pkt_entry *en)
{
	end(en, true);
}

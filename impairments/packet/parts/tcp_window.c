/* tcp_window.c - remembers the last rewritten segment, from which the announcement takes its
 * numbers and timestamps. */
#include "impairments/packet/parts/tcp_window.h"

#include "impairments/packet/parts/forge.h"
#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"

enum { WINDOW_BYTE = 14, OPTIONS_BYTE = 20, OPTION_END = 0, OPTION_NOP = 1, OPTION_WSCALE = 3 };

int tcp_window_shift(const struct pkt_conn *c, enum dir dir)
{
	const struct pkt_half *own = &c->half[dir], *other = &c->half[dir_reverse(dir)];

	if (!own->syn || !other->syn)
		return -1;
	return own->wscale > 0 && other->wscale >= 0 ? own->wscale : 0;
}

/* The parser has found the option, so what is before it is well-formed; the last of several counts.
 */
bool tcp_window_set_shift(struct pkt *p, uint8_t shift)
{
	uint8_t *tcp = p->data + (p->tcp.tcp - p->tcp.ip);
	size_t end = (size_t)(tcp[12] >> 4) * 4, i = OPTIONS_BYTE;

	if (p->tcp.wscale < 0 || p->cut)
		return false;
	while (i + 1 < end && tcp[i] != OPTION_END && (tcp[i] == OPTION_NOP || tcp[i + 1] >= 2)) {
		if (tcp[i] == OPTION_WSCALE && tcp[i + 1] == 3 && i + 3 <= end)
			tcp[i + 2] = shift;
		i += tcp[i] == OPTION_NOP ? 1 : tcp[i + 1];
	}
	pkt_modified(p);
	return true;
}

static void remember_truth(struct tcp_window_truth *w, const struct tcp_view *v)
{
	uint32_t next = v->seq + tcp_seq_len(v);

	if (!w->segments || seq_diff(next, w->next) > 0)
		w->next = next;
	if ((v->flags & TCP_ACK) && (!w->acked || seq_diff(v->ack, w->ack) > 0)) {
		w->ack = v->ack;
		w->acked = true;
	}
	w->last = *v;
	w->segments++;
}

bool tcp_window_rewrite(struct tcp_window_truth *w, struct pkt *p, uint16_t field)
{
	uint8_t to[2];

	if (p->cut)
		return false;
	remember_truth(w, &p->tcp);
	if (field != p->tcp.window) {
		put_be16(to, field);
		pkt_patch(p, p->tcp.tcp + WINDOW_BYTE, to, sizeof(to));
	}
	return w->segments == 1;
}

static bool is_over(const struct pkt_conn *c)
{
	const struct pkt_half *up = &c->half[DIR_UPSTREAM], *down = &c->half[DIR_DOWNSTREAM];

	return up->rst || down->rst || (up->fin && down->fin);
}

bool tcp_window_announce(struct tcp_window_truth *w, struct pkt_stage *st)
{
	enum dir dir = dir_reverse(st->dir);
	int shift = tcp_window_shift(st->conn, dir);
	struct forged f = {.dir = dir,
			   .flags = TCP_ACK,
			   .seq = w->next,
			   .ack = w->ack,
			   .window = w->last.window,
			   .has_timestamp = w->last.has_timestamp,
			   .tsval = w->last.tsval,
			   .tsecr = w->last.tsecr};
	bool useful = w->segments && w->last.window && (w->last.flags & TCP_ACK) &&
		      !is_over(st->conn) && !st->conn->vanished;

	/* A SYN's window is never shifted (RFC 7323 section 2.2), the announcement's is. */
	if ((w->last.flags & TCP_SYN) && shift > 0)
		f.window = (uint16_t)(f.window >> shift);
	if (useful)
		forge_send_live(st, &f);
	*w = (struct tcp_window_truth){.segments = 0};
	return useful;
}

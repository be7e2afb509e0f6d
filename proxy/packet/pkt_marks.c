/* pkt_marks.c - checksums are mended, not made: what came with a wrong one keeps it. */
#include "proxy/packet/pkt_marks.h"

#include "proxy/base/byteorder.h"

enum { ID_BYTE = 4, TSVAL_BYTE = 0, TSECR_BYTE = 4 };

static void set_id(struct pkt *p, uint16_t id)
{
	uint8_t to[2];

	put_be16(to, id);
	pkt_patch(p, p->tcp.ip + ID_BYTE, to, sizeof(to));
}

static void set_tsval(struct pkt *p, uint32_t tsval)
{
	uint8_t to[4];

	put_be32(to, tsval);
	pkt_patch(p, p->tcp.timestamp + TSVAL_BYTE, to, sizeof(to));
}

void pkt_set_tsecr(struct pkt *p, uint32_t tsecr)
{
	uint8_t to[4];

	if (!p->tcp.timestamp || p->cut)
		return;
	put_be32(to, tsecr);
	pkt_patch(p, p->tcp.timestamp + TSECR_BYTE, to, sizeof(to));
}

static uint16_t mss_of_receiver(const struct pkt *p)
{
	return p->conn->half[dir_reverse(p->dir)].mss;
}

void pkt_marks_come(struct pkt_marks *m, struct pkt *p)
{
	p->id_counted =
	    ip_id_is_counted(&m->id.in, &p->tcp) && ip_id_counts(&p->conn->sender[p->dir].id);
	ip_id_note(&m->id.in, &p->tcp, mss_of_receiver(p));
	if (p->tcp.has_timestamp && (!m->stamped || seq_diff(p->tcp.tsval, m->came) > 0))
		m->came = p->tcp.tsval;
	if (p->tcp.has_timestamp && !m->stamped)
		m->sent = p->tcp.tsval;
	m->stamped |= p->tcp.has_timestamp;
}

static void note_sent(struct pkt_marks *m, const struct pkt *p)
{
	if (p->tcp.has_timestamp && seq_diff(p->tcp.tsval, m->sent) > 0)
		m->sent = p->tcp.tsval;
}

/* A packet that can't be changed keeps its ID: there the row begins anew. A TSval behind one that
 * the stage has sent on is a mistake about the host's clock, unless it came so. */
void pkt_marks_pass(struct pkt_marks *m, struct pkt *p)
{
	const struct tcp_view *v = &p->tcp;

	if (p->id_counted && p->cut)
		m->id.add = 0;
	else if (p->id_counted && m->id.add)
		set_id(p, ip_id_pass(&m->id, get_be16(v->ip + ID_BYTE)));
	if (v->timestamp && !p->cut && v->tsval == m->came && seq_diff(v->tsval, m->sent) < 0)
		set_tsval(p, m->sent);
	note_sent(m, p);
}

void pkt_marks_drop(struct pkt_marks *m, const struct pkt *p)
{
	if (p->id_counted)
		ip_id_take_out(&m->id);
}

void pkt_marks_hold(struct pkt_marks *m, struct pkt *p)
{
	p->id_taken = p->id_counted;
	if (p->id_taken)
		ip_id_take_out(&m->id);
}

void pkt_marks_release(struct pkt_marks *m, struct pkt *p, int64_t now)
{
	const struct sender_clock *clock = &p->conn->sender[p->dir].clock;
	uint32_t tsval;

	if (p->cut)
		return;
	if (p->id_taken)
		set_id(p, ip_id_add(&m->id));
	p->id_taken = false;
	if (!p->tcp.timestamp || !clock->seen)
		return;
	tsval = sender_clock_at(clock, now);
	if (seq_diff(tsval, m->sent) < 0)
		tsval = m->sent;
	if (seq_diff(tsval, p->tcp.tsval) > 0)
		set_tsval(p, tsval);
	note_sent(m, p);
}

uint16_t pkt_marks_add(struct pkt_marks *m, const struct pkt_sender *host, int64_t now,
		       uint32_t *tsval)
{
	if (m->stamped && host->clock.seen) {
		uint32_t shown = sender_clock_at(&host->clock, now);

		if (seq_diff(shown, m->sent) > 0)
			m->sent = shown;
		*tsval = m->sent;
	}
	if (!m->id.in.seen)
		return 0;
	return ip_id_counts(&host->id) ? ip_id_add(&m->id) : m->id.in.next;
}

/* pkt_sender.c - fields are read from where IPv4 and IPv6 have them. */
#include "proxy/packet/pkt_sender.h"

#include "proxy/base/byteorder.h"

enum { ECN = 0x03, DONT_FRAGMENT = 0x40, FLOW_LABEL = 0xfffff };

static struct ip_marks read_marks(const struct tcp_view *v)
{
	const uint8_t *ip = v->ip;

	if (v->version == 6)
		return (struct ip_marks){.hop_limit = ip[7],
					 .traffic_class = (uint8_t)(get_be16(ip) >> 4),
					 .flow_label = get_be32(ip) & FLOW_LABEL};
	return (struct ip_marks){
	    .hop_limit = ip[8], .traffic_class = ip[1], .dont_fragment = ip[6] & DONT_FRAGMENT};
}

/* Windows, which begins with a hop limit of 128, had 10 ticks a second up to XP, then 100, now
 * 1000, and an exchange of some milliseconds with one tick in it may be of any. A clock that is
 * taken for too slow is only behind until it is measured. */
static double guess_hz(const struct ip_marks *m)
{
	return m->hop_limit > HOP_LIMIT_LINUX ? SENDER_CLOCK_HZ / 100 : SENDER_CLOCK_HZ;
}

void pkt_sender_note(struct pkt_sender *s, const struct tcp_view *v, int64_t now, uint16_t mss)
{
	if (v->flags & TCP_RST)
		return;
	s->marks = read_marks(v);
	s->seen = true;
	if (!s->clock.seen)
		s->clock.guess = guess_hz(&s->marks);
	ip_id_note(&s->id, v, mss);
	if (v->has_timestamp)
		sender_clock_note(&s->clock, now, v->tsval, v->flags & TCP_SYN);
}

/* A packet without payload isn't ECN-capable (RFC 3168 section 6.1.4). */
struct ip_marks pkt_sender_marks(const struct pkt_sender *s, struct ip_marks unknown)
{
	struct ip_marks m = s->seen ? s->marks : unknown;

	m.traffic_class &= (uint8_t)~ECN;
	m.id = 0;
	return m;
}

/* Linux, macOS and the BSDs begin with a hop limit of 64, and answer for no socket with ID 0;
 * Windows begins with 128, and counts on. */
struct ip_marks pkt_sender_marks_socketless(const struct pkt_sender *s, struct ip_marks unknown)
{
	struct ip_marks m = pkt_sender_marks(s, unknown);

	if (m.hop_limit > HOP_LIMIT_LINUX && ip_id_counts(&s->id))
		m.id = s->id.next;
	return m;
}

struct ip_marks pkt_sender_marks_stray(const struct pkt_sender *s, struct ip_marks unknown)
{
	struct ip_marks m = pkt_sender_marks(s, unknown);

	if (m.hop_limit > HOP_LIMIT_LINUX && s->stray_id)
		m.id = (*s->stray_id)++;
	return m;
}

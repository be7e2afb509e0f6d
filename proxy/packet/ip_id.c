/* ip_id.c - a short gap is a packet that was lost before it came here; what looks otherwise too
 * often is a host that counts over all its connections, or draws at random. */
#include "proxy/packet/ip_id.h"

#include "proxy/base/byteorder.h"

enum {
	ID_BYTE = 4,
	FLAGS_BYTE = 6,
	DONT_FRAGMENT = 0x40,
	MSS_ETHERNET = 1460,
	TIMESTAMP = 12, /* with its padding; it takes its room from the MSS (RFC 6691) */
	GAP_MAX = 64,
	SCORE_MAX = 8,
};

bool ip_id_is_counted(const struct ip_id_counter *c, const struct tcp_view *v)
{
	if (v->version != 4)
		return false;
	return get_be16(v->ip + ID_BYTE) || !(v->ip[FLAGS_BYTE] & DONT_FRAGMENT) ||
	       (c->seen && c->next == 0 && c->score > 0);
}

static uint16_t ids_taken(const struct tcp_view *v, uint16_t mss)
{
	uint32_t room = mss ? mss : MSS_ETHERNET;

	if (v->payload_len <= room)
		return 1;
	if (v->has_timestamp && room > TIMESTAMP)
		room -= TIMESTAMP;
	return (uint16_t)((v->payload_len + room - 1) / room);
}

void ip_id_note(struct ip_id_counter *c, const struct tcp_view *v, uint16_t mss)
{
	uint16_t id, ahead;

	if (!ip_id_is_counted(c, v))
		return;
	id = get_be16(v->ip + ID_BYTE);
	ahead = (uint16_t)(id - c->next);
	if (c->seen && ahead == 0)
		c->score += c->score < SCORE_MAX;
	else if (c->seen && ahead > GAP_MAX)
		c->score -= c->score > -SCORE_MAX ? 2 : 0;
	c->next = (uint16_t)(id + ids_taken(v, mss));
	c->seen = true;
}

bool ip_id_counts(const struct ip_id_counter *c)
{
	return c->score > 0;
}

uint16_t ip_id_pass(const struct ip_id_shift *s, uint16_t id)
{
	return (uint16_t)(id + s->add);
}

void ip_id_take_out(struct ip_id_shift *s)
{
	s->add--;
}

uint16_t ip_id_add(struct ip_id_shift *s)
{
	return (uint16_t)(s->in.next + s->add++);
}

/* packet_pieces.c - for each direction of a connection, the data that its leading point showed
 * last. What another point shows of it is no retransmission: that one would come by the leading
 * point before. */
#include "scenarios/reader/packet_pieces.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"

#include <netinet/in.h>
#include <string.h>

#define SETS 2048 /* a power of two */
#define WAYS 4
#define SEGMENTS                                                                                   \
	16 /* of a direction, of at most 64 KiB each: more than lies between two points            \
	    */

/* Between two points lies a queue, and less time than the shortest retransmission timeout (200 ms).
 */
#define SHOWN_WITHIN (100 * NS_PER_MS)

enum { TCP_HEADER = 20, TIMESTAMP_OPTION = 0x0101080a /* where every system puts it */ };

/* Sequence numbers from start to end, and what tells transmissions apart. */
struct piece {
	uint32_t start, end;
	uint32_t tsval; /* 0: none */
	uint16_t ident; /* IP identification; 0: none */
	int64_t at;
};

struct direction {
	uint64_t key;
	uint32_t place; /* the leading point */
	uint32_t next;	/* in the ring below */
	int64_t at;
	struct piece shown[SEGMENTS];
};

struct packet_pieces {
	struct direction set[SETS][WAYS];
};

struct packet_pieces *packet_pieces_new(void)
{
	return xcalloc(1, sizeof(struct packet_pieces));
}

void packet_pieces_free(struct packet_pieces *p)
{
	free(p);
}

static uint32_t place_number(const struct layers *l)
{
	return (uint32_t)(l->place >> 16);
}

static uint64_t direction_key(const struct layers *l)
{
	const uint8_t *ip = l->ip, *tcp = ip + l->ip_headers;
	size_t from = *ip >> 4 == 4 ? 12 : 8, len = *ip >> 4 == 4 ? 8 : 32;
	uint64_t key = get_be32(tcp), word;

	for (size_t i = 0; i < len; i += sizeof(word)) {
		memcpy(&word, ip + from + i, sizeof(word));
		key = (key ^ word) * UINT64_C(0xff51afd7ed558ccd);
		key ^= key >> 32;
	}
	return key;
}

/* false: the packet has no data, or its TCP header isn't there. */
static bool read_piece(const struct layers *l, int64_t at, struct piece *x)
{
	const uint8_t *ip = l->ip, *tcp;
	size_t total, headers;

	if (l->protocol != IPPROTO_TCP || l->fragment != IP_WHOLE || !l->ip_headers ||
	    l->ip_headers + TCP_HEADER > l->ip_len)
		return false;
	tcp = ip + l->ip_headers;
	headers = l->ip_headers + (size_t)(tcp[12] >> 4) * 4;
	total = *ip >> 4 == 4 ? get_be16(ip + 2) : get_be16(ip + 4);
	if (!total)
		total = l->ip_wire;
	else if (*ip >> 4 == 6)
		total += 40;
	if (total <= headers)
		return false;
	*x = (struct piece){.start = get_be32(tcp + 4), .at = at};
	x->end = x->start + (uint32_t)(total - headers);
	x->ident = *ip >> 4 == 4 ? get_be16(ip + 4) : 0;
	if (headers >= l->ip_headers + TCP_HEADER + 12 &&
	    l->ip_headers + TCP_HEADER + 8 <= l->ip_len && get_be32(tcp + 20) == TIMESTAMP_OPTION)
		x->tsval = get_be32(tcp + 24);
	return true;
}

/* Returns the direction with that key, NULL: it isn't known; *oldest is the one to be forgotten. */
static struct direction *find_direction(struct packet_pieces *p, uint64_t key,
					struct direction **oldest)
{
	struct direction *set = p->set[key & (SETS - 1)];

	*oldest = set;
	for (int i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].at < (*oldest)->at)
			*oldest = &set[i];
	}
	return NULL;
}

static bool holds_number(const struct piece *x, uint32_t number)
{
	return number - x->start < x->end - x->start;
}

/* Whether a piece may be of that transmission: cutting counts the identification up by one each. */
static bool same_transmission(const struct piece *whole, const struct piece *x)
{
	uint32_t offset = x->start - whole->start, len = x->end - x->start;
	uint16_t steps = (uint16_t)(x->ident - whole->ident);

	if (x->tsval != whole->tsval)
		return false;
	if (!x->ident || !whole->ident || !holds_number(whole, x->start))
		return true;
	if (x->end == whole->end) /* the last is shorter than the others */
		return offset ? steps && steps <= offset / len : !steps;
	return steps == offset / len || (!steps && len < whole->end - whole->start);
}

/* Returns what the direction showed last of the data at that number, of x's transmission; NULL:
 * nothing. */
static const struct piece *find_shown(const struct direction *d, const struct piece *x,
				      uint32_t number)
{
	for (uint32_t i = 1; i <= SEGMENTS; i++) {
		const struct piece *whole = &d->shown[(d->next - i) % SEGMENTS];
		int64_t lag = x->at > whole->at ? x->at - whole->at : whole->at - x->at;

		if (lag <= SHOWN_WITHIN && holds_number(whole, number) &&
		    same_transmission(whole, x))
			return whole;
	}
	return NULL;
}

bool packet_pieces_shown(struct packet_pieces *p, const struct layers *l, int64_t at, int64_t *lag)
{
	struct direction *d, *oldest;
	struct piece x;
	uint32_t number;

	if (!read_piece(l, at, &x))
		return false;
	d = find_direction(p, direction_key(l), &oldest);
	if (!d || d->place == place_number(l))
		return false;
	number = x.start;
	for (int used = 0; used < SEGMENTS && number != x.end; used++) {
		const struct piece *whole = find_shown(d, &x, number);

		if (!whole)
			return false;
		*lag = at > whole->at ? at - whole->at : whole->at - at;
		number = holds_number(whole, x.end - 1) ? x.end : whole->end;
	}
	return number == x.end;
}

void packet_pieces_note(struct packet_pieces *p, const struct layers *l, int64_t at)
{
	struct direction *d, *oldest;
	struct piece x;
	uint64_t key;

	if (!read_piece(l, at, &x))
		return;
	key = direction_key(l);
	d = find_direction(p, key, &oldest);
	if (!d || d->place != place_number(l)) {
		d = d ? d : oldest;
		*d = (struct direction){.key = key, .place = place_number(l)};
	}
	d->at = at;
	d->shown[d->next++ % SEGMENTS] = x;
}

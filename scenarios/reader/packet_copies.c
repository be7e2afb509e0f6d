/* packet_copies.c - the n-th sighting of a packet at one place is of its n-th transmission, so it
 * is new when no other place has seen as many, else a copy. */
#include "scenarios/reader/packet_copies.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"

#include <netinet/in.h>
#include <string.h>

#define SETS   8192 /* a power of two */
#define WAYS   4
#define PLACES 6 /* that one packet goes by; later ones count as copies */

/* Between two points of a path lie its queues. */
#define COPY_WITHIN  NS_PER_S
/* Linux cooked v1 has one place for several interfaces. What comes later is of another transmission
 * there: the path from interface to interface is code, without a queue. */
#define VAGUE_WITHIN (10 * NS_PER_MS)
#define VAGUE_PLACES 64 /* a power of two; those that share a slot learn together */
#define VAGUE_TIMES  4	/* interfaces that look the same, at most */

enum { TCP_HEADER = 20, TCP_FLAG_SYN = 0x02 };

struct sighting {
	uint64_t print;
	int64_t at; /* of the first sighting of its latest transmission */
	uint32_t place[PLACES];
	uint8_t seen[PLACES]; /* how often there */
	uint8_t places, sent;
};

struct packet_copies {
	struct sighting set[SETS][WAYS];
	/* How many packets came by a vague place at least so many times. Most aren't sent again, so
	 * that this tells how many interfaces hide in it. */
	uint32_t came[VAGUE_PLACES][VAGUE_TIMES + 1];
};

struct packet_copies *packet_copies_new(void)
{
	return xcalloc(1, sizeof(struct packet_copies));
}

void packet_copies_free(struct packet_copies *c)
{
	free(c);
}

static uint64_t mix_word(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0xff51afd7ed558ccd);
	return h ^ h >> 32;
}

static uint64_t mix_bytes(uint64_t h, const uint8_t *p, size_t len)
{
	for (; len >= 8; p += 8, len -= 8) {
		uint64_t v;

		memcpy(&v, p, sizeof(v));
		h = mix_word(h, v);
	}
	while (len--)
		h = mix_word(h, *p++);
	return h;
}

/* What stays the same on the way: not TTL, service class or any check sum. A SYN's options may be
 * clamped on the way. */
static uint64_t print_packet(const struct layers *l)
{
	const uint8_t *ip = l->ip, *tcp = ip + l->ip_headers;
	size_t header = (size_t)(tcp[12] >> 4) * 4;
	uint64_t h;

	if (*ip >> 4 == 4)
		h = mix_bytes(get_be32(ip + 2), ip + 12, 8); /* length and identification */
	else
		h = mix_bytes(get_be32(ip) & 0xfffff, ip + 4, 2); /* flow label, length */
	if (*ip >> 4 == 6)
		h = mix_bytes(h, ip + 8, 32);
	h = mix_bytes(h, tcp, 16);
	h = mix_word(h, get_be16(tcp + 18));
	if (!(tcp[13] & TCP_FLAG_SYN) && header > TCP_HEADER && l->ip_headers + header <= l->ip_len)
		h = mix_bytes(h, tcp + TCP_HEADER, header - TCP_HEADER);
	return h;
}

static int64_t time_between(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* Returns the sighting with that print, or the oldest of its set, cleared. */
static struct sighting *find_sighting(struct packet_copies *c, uint64_t print, int64_t at)
{
	struct sighting *set = c->set[print & (SETS - 1)], *oldest = set;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].print == print && time_between(at, set[i].at) <= COPY_WITHIN)
			return &set[i];
		if (set[i].at < oldest->at)
			oldest = &set[i];
	}
	*oldest = (struct sighting){.print = print, .at = at};
	return oldest;
}

static uint8_t *find_place(struct sighting *x, uint32_t place)
{
	for (int i = 0; i < x->places; i++)
		if (x->place[i] == place)
			return &x->seen[i];
	if (x->places == PLACES)
		return NULL;
	x->place[x->places] = place;
	return &x->seen[x->places++];
}

/* Returns how often one transmission comes by a vague place, by what came by it so far, now for the
 * time-th time. */
static uint8_t learn_times(struct packet_copies *c, uint32_t place, uint8_t time)
{
	uint32_t *came = c->came[place & (VAGUE_PLACES - 1)];
	uint8_t times = VAGUE_TIMES;

	if (time <= VAGUE_TIMES)
		came[time]++;
	while (times > 1 && 2 * came[times] < came[1])
		times--;
	return times;
}

/* Returns how many transmissions the sightings at one place are, of which the last is seen now. */
static uint8_t count_transmissions(struct packet_copies *c, const struct sighting *x,
				   const struct layers *l, uint32_t place, uint8_t seen,
				   int64_t lag)
{
	uint8_t times;

	if (!l->vague)
		return seen;
	if (*l->ip >> 4 == 4 && get_be16(l->ip + 4))
		return 1; /* a sender gives each transmission an identification of its own */
	times = learn_times(c, place, seen);
	if (times > 1 && lag > VAGUE_WITHIN)
		return x->sent < UINT8_MAX ? x->sent + 1 : x->sent;
	return (uint8_t)((seen + times - 1) / times);
}

bool packet_copies_take(struct packet_copies *c, const struct layers *l, int64_t at, int64_t *lag)
{
	uint32_t place = (uint32_t)(l->place >> 16);
	struct sighting *x;
	uint8_t *seen, sent;

	if (l->protocol != IPPROTO_TCP || l->fragment == IP_FRAGMENT_LATER || !l->ip_headers ||
	    l->ip_headers + TCP_HEADER > l->ip_len)
		return false;
	x = find_sighting(c, print_packet(l), at);
	seen = find_place(x, place);
	*lag = time_between(at, x->at);
	if (!seen)
		return true;
	if (*seen < UINT8_MAX)
		(*seen)++;
	sent = count_transmissions(c, x, l, place, *seen, *lag);
	if (sent <= x->sent)
		return true;
	x->sent = sent;
	x->at = at;
	return false;
}

/* wire_index.c - frames sorted by connection and then by time, so that both searches are binary. */
#include "scenarios/annotate/wire_index.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/packet/tcp_view.h"
#include "scenarios/base/pcapng_blocks.h"

#include <string.h>

/* Bytes before the IP header. */
#define ETHERNET_HEADER 14
#define SLL2_HEADER	20

/* Between a packet's time stamp and the journal's line lie the packet queue and the scheduler. */
#define NEAR_NS (250 * NS_PER_MS)
/* The journal reads its two clocks one after the other, once. */
#define SKEW_NS (20 * NS_PER_MS)

struct wire_end wire_end(const struct addr *a)
{
	struct wire_end end = {.port = {(uint8_t)(addr_port(a) >> 8), (uint8_t)addr_port(a)}};

	if (a->sa.sa_family == AF_INET6)
		memcpy(end.ip, &a->in6.sin6_addr, 16);
	else
		memcpy(end.ip, &a->in.sin_addr, 4);
	return end;
}

static void take_frame(struct frame *f, const struct pcapng_block *b)
{
	size_t header = b->linktype == PCAPNG_LINKTYPE_LINUX_SLL2 ? SLL2_HEADER : ETHERNET_HEADER;
	struct tcp_view v;

	*f = (struct frame){.wall_ns = b->wall_ns};
	if (b->caplen <= header || !tcp_view_parse(&v, b->packet + header, b->caplen - header))
		return;
	f->src = wire_end(&v.src);
	f->dst = wire_end(&v.dst);
	f->seq = v.seq;
	f->ack = v.ack;
	f->len = v.payload_len;
	f->flags = v.flags;
}

static int compare_ends(const struct wire_end *a, const struct wire_end *b)
{
	return memcmp(a, b, sizeof(*a));
}

bool wire_end_equal(const struct wire_end *a, const struct wire_end *b)
{
	return compare_ends(a, b) == 0;
}

/* Each pair is compared with its smaller end first. */
int wire_compare(const struct wire_end *a1, const struct wire_end *a2, const struct wire_end *b1,
		 const struct wire_end *b2)
{
	bool turn_a = compare_ends(a1, a2) > 0, turn_b = compare_ends(b1, b2) > 0;
	int low = compare_ends(turn_a ? a2 : a1, turn_b ? b2 : b1);

	return low ? low : compare_ends(turn_a ? a1 : a2, turn_b ? b1 : b2);
}

static int by_connection(const void *a, const void *b, void *frames)
{
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	const struct frame *f = frames, *x = &f[i], *y = &f[k];
	int cmp = wire_compare(&x->src, &x->dst, &y->src, &y->dst);

	return cmp ? cmp : (i > k) - (i < k);
}

int wire_index_read(struct wire_index *w, enum leg leg, const uint8_t *data, size_t len,
		    struct err *e)
{
	struct pcapng_walk walk = {.data = data, .len = len};
	struct pcapng_block b;
	size_t room = 0;
	int got;

	*w = (struct wire_index){.leg = leg};
	while ((got = pcapng_next(&walk, &b, e)) == 1) {
		if (b.kind != PCAPNG_PACKET)
			continue;
		if (w->n == room) {
			room = room ? 2 * room : 1024;
			w->frames = xrealloc(w->frames, room, sizeof(*w->frames));
		}
		take_frame(&w->frames[w->n++], &b);
	}
	if (got == 0 && w->n > UINT32_MAX)
		got = err_set(e, "it has too many packets");
	if (got == -1) {
		wire_index_free(w);
		return -1;
	}
	w->order = xcalloc(w->n + 1, sizeof(*w->order));
	for (size_t i = 0; i < w->n; i++)
		w->order[i] = (uint32_t)i;
	qsort_r(w->order, w->n, sizeof(*w->order), by_connection, w->frames);
	return 0;
}

void wire_index_free(struct wire_index *w)
{
	free(w->frames);
	free(w->order);
	*w = (struct wire_index){.leg = w->leg};
}

/* Returns the first place in order whose frame is not before that connection (c) and time. A
 * connection's frames are in the order of the file, which is that of time but for microseconds. */
static size_t lower_bound(const struct wire_index *w, const struct wire_conn *c, int64_t wall_ns)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct frame *f = &w->frames[w->order[mid]];
		int cmp = wire_compare(&f->src, &f->dst, &c->client, &c->server);

		if (cmp < 0 || (cmp == 0 && f->wall_ns < wall_ns))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Returns the frame at that place of order, NULL when it is not the connection's. */
static const struct frame *frame_at(const struct wire_index *w, const struct wire_conn *c,
				    size_t place)
{
	const struct frame *f;

	if (place >= w->n)
		return NULL;
	f = &w->frames[w->order[place]];
	return wire_compare(&f->src, &f->dst, &c->client, &c->server) ? NULL : f;
}

static bool frame_matches(const struct wire_index *w, const struct wire_conn *c,
			  const struct packet_match *what, bool came, const struct frame *f)
{
	const struct wire_end *outside = w->leg == LEG_CLIENT ? &c->client : &c->server;

	if (wire_end_equal(&f->src, outside) != came)
		return false;
	if ((what->by_seq && f->seq != what->seq) || (what->by_len && f->len != what->len))
		return false;
	if (what->by_ack && (!(f->flags & TCP_ACK) || f->ack != what->ack))
		return false;
	if (what->any_flags && !(f->flags & what->any_flags))
		return false;
	return !what->pure_ack || (!f->len && !(f->flags & (TCP_SYN | TCP_FIN | TCP_RST)));
}

size_t wire_find(const struct wire_index *w, const struct wire_conn *c,
		 const struct packet_match *what, bool came, int64_t wall_ns)
{
	size_t middle = lower_bound(w, c, wall_ns), earlier = FRAME_NONE, later = FRAME_NONE;
	int64_t back = came ? NEAR_NS : SKEW_NS, forth = came ? SKEW_NS : NEAR_NS;
	const struct frame *f;

	for (size_t i = middle; i-- > 0 && (f = frame_at(w, c, i)) && earlier == FRAME_NONE &&
				wall_ns - f->wall_ns <= back;)
		if (frame_matches(w, c, what, came, f))
			earlier = (size_t)(f - w->frames);
	for (size_t i = middle;
	     (f = frame_at(w, c, i)) && later == FRAME_NONE && f->wall_ns - wall_ns <= forth; i++)
		if (frame_matches(w, c, what, came, f))
			later = (size_t)(f - w->frames);
	if (earlier == FRAME_NONE || later == FRAME_NONE)
		return earlier == FRAME_NONE ? later : earlier;
	return came ? earlier : later;
}

/* Returns the file's last frame until then, else its first. */
static size_t near_all(const struct wire_index *w, int64_t wall_ns)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (w->frames[mid].wall_ns <= wall_ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? low - 1 : w->n ? 0 : FRAME_NONE;
}

size_t wire_near(const struct wire_index *w, const struct wire_conn *c, int64_t wall_ns)
{
	const struct frame *f;
	size_t place;

	if (!c)
		return near_all(w, wall_ns);
	place = lower_bound(w, c, wall_ns + 1);
	f = place ? frame_at(w, c, place - 1) : NULL;
	if (!f)
		f = frame_at(w, c, place);
	return f ? (size_t)(f - w->frames) : FRAME_NONE;
}

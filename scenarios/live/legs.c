/* legs.c - by addresses and, where both legs have equal ones, by the way that a packet goes (in or
 * out). */
#include "scenarios/live/legs.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"
#include "proxy/packet/tcp_view.h"
#include "proxy/packet/unreachable.h"
#include "scenarios/base/pcapng_blocks.h"
#include "scenarios/live/legs_copies.h"
#include "scenarios/live/legs_readdress.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

/* LINKTYPE_LINUX_SLL2: offsets in the header. */
enum { SLL2_INDEX = 4, SLL2_WAY = 10, SLL2_HEADER = 20 };
/* Packet types of that header, from netpacket/packet.h. */
enum { WAY_OTHER_HOST = 3, WAY_OUT = 4 };

enum { INTERFACES_MAX = 8, NO_LEG = LEG_COUNT };

struct leg_conn {
	struct wire_conn conn;
	size_t session;
	bool leg[LEG_COUNT];
	bool by_way;	 /* both legs have these addresses */
	bool redirected; /* the client knows its server as wanted */
	bool unclear;	 /* sessions with these addresses wanted different ones */
	struct wire_end wanted;
	struct copies seen[2][2]; /* from the client or the server, came or went */
};

/* Interfaces by their index, in the order in which they were met. */
struct met {
	uint32_t index[INTERFACES_MAX];
	size_t n;
};

struct legs {
	struct leg_conn *conn;
	size_t n, room;
	bool learnt;	 /* since they were last merged */
	bool redirects;	 /* one of them is redirected */
	uint8_t *leg_of; /* of each packet of the raw capture */
	size_t leg_of_room;
	size_t packets[LEG_COUNT + 1];
	struct met met[LEG_COUNT];
};

struct legs *legs_new(void)
{
	return xcalloc(1, sizeof(struct legs));
}

void legs_free(struct legs *l)
{
	free(l->conn);
	free(l->leg_of);
	free(l);
}

/* Of a redirected connection two lines follow each other: to where it goes, and as its client knows
 * it. */
static void learn_wanted(struct legs *l, const struct connection_line *c)
{
	struct leg_conn *last = l->n ? &l->conn[l->n - 1] : NULL;

	if (!last || !c->leg[LEG_CLIENT] || !last->leg[LEG_CLIENT] || last->session != c->session ||
	    !wire_end_equal(&last->conn.client, &c->conn.client) ||
	    wire_end_equal(&last->conn.server, &c->conn.server))
		return;
	last->wanted = c->conn.server;
	last->redirected = l->redirects = true;
}

void legs_learn(struct legs *l, const struct connection_line *c)
{
	learn_wanted(l, c);
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->conn = xrealloc(l->conn, l->room, sizeof(*l->conn));
	}
	l->conn[l->n] = (struct leg_conn){.conn = c->conn, .session = c->session};
	memcpy(l->conn[l->n].leg, c->leg, sizeof(c->leg));
	l->n++;
	l->learnt = true;
}

static int compare_conns(const struct wire_conn *a, const struct wire_conn *b)
{
	return wire_compare(&a->client, &a->server, &b->client, &b->server);
}

static int by_addresses(const void *a, const void *b)
{
	const struct leg_conn *x = a, *y = b;
	int cmp = compare_conns(&x->conn, &y->conn);

	return cmp ? cmp : (x->session > y->session) - (x->session < y->session);
}

static void merge_wanted(struct leg_conn *last, const struct leg_conn *c)
{
	last->unclear |= last->redirected != c->redirected ||
			 (c->redirected && !wire_end_equal(&last->wanted, &c->wanted));
}

/* Leaves one entry for each pair of addresses. Both legs of one session can have equal ones
 * (by_way). When a session's server leg is the client leg of another (one proxy's upstream is the
 * next one), the wire shows one connection, which counts as a client leg. */
static void merge_connections(struct legs *l)
{
	size_t kept = 0;

	if (!l->learnt)
		return;
	l->learnt = false;
	if (l->n)
		qsort(l->conn, l->n, sizeof(*l->conn), by_addresses);
	for (size_t i = 0; i < l->n; i++) {
		const struct leg_conn *c = &l->conn[i];
		struct leg_conn *last = kept ? &l->conn[kept - 1] : NULL;
		bool again = last && compare_conns(&last->conn, &c->conn) == 0;

		if (!again) {
			l->conn[kept++] = *c;
			last = &l->conn[kept - 1];
		}
		merge_wanted(last, c);
		last->by_way |= c->leg[LEG_CLIENT] && c->leg[LEG_SERVER];
		for (int leg = 0; leg < LEG_COUNT; leg++) {
			last->by_way |=
			    again && last->session == c->session && c->leg[leg] && !last->leg[leg];
			last->leg[leg] |= c->leg[leg];
		}
		last->session = c->session;
	}
	l->n = kept;
}

/* The key is a packet's addresses: those of both directions compare as equal. */
static int find_conn(const void *key, const void *entry)
{
	return compare_conns(key, &((const struct leg_conn *)entry)->conn);
}

static uint32_t interface_of(const uint8_t *sll2)
{
	return get_be32(sll2 + SLL2_INDEX);
}

static void note_interface(struct met *m, uint32_t index)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->index[i] == index)
			return;
	if (m->n < INTERFACES_MAX)
		m->index[m->n++] = index;
}

/* Finds a packet's ends, as if it travelled from client to server: of a segment, or of the segment
 * that ICMP quotes, which goes the other way; v->tcp is NULL then. */
static bool find_ends(const struct pcapng_block *b, struct tcp_view *v, struct wire_conn *ends)
{
	struct addr src, dst;

	if (b->caplen <= SLL2_HEADER || b->packet[SLL2_WAY] == WAY_OTHER_HOST)
		return false;
	if (tcp_view_parse(v, b->packet + SLL2_HEADER, b->caplen - SLL2_HEADER)) {
		*ends = (struct wire_conn){wire_end(&v->src), wire_end(&v->dst)};
		return true;
	}
	v->tcp = NULL;
	if (!unreachable_quoted(b->packet + SLL2_HEADER, b->caplen - SLL2_HEADER, &src, &dst))
		return false;
	*ends = (struct wire_conn){wire_end(&dst), wire_end(&src)};
	return true;
}

/* Returns the packet's leg. A packet from the client's end is the client's own, or a server leg
 * sends it in the client's name. */
static int leg_of(struct legs *l, const struct pcapng_block *b)
{
	struct leg_conn *c;
	struct wire_conn key;
	struct tcp_view v;
	bool out, down;
	int leg;

	if (!find_ends(b, &v, &key))
		return NO_LEG;
	c = l->n ? bsearch(&key, l->conn, l->n, sizeof(*c), find_conn) : NULL;
	if (!c)
		return NO_LEG;
	out = b->packet[SLL2_WAY] == WAY_OUT;
	down = wire_end_equal(&key.client, &c->conn.server);
	if (v.tcp && copies_has(&c->seen[down][out], &v, interface_of(b->packet), b->wall_ns))
		return NO_LEG;
	if (c->by_way)
		leg = down == out ? LEG_CLIENT : LEG_SERVER;
	else
		leg = c->leg[LEG_CLIENT] ? LEG_CLIENT : LEG_SERVER;
	note_interface(&l->met[leg], interface_of(b->packet));
	return leg;
}

void legs_part(struct legs *l, const struct mapped *raw)
{
	struct pcapng_walk walk = {.data = raw->data, .len = raw->len};
	struct pcapng_block b;
	size_t n = 0;

	merge_connections(l);
	while (pcapng_next(&walk, &b, NULL) == 1) {
		int leg;

		if (b.kind != PCAPNG_PACKET)
			continue;
		if (n == l->leg_of_room) {
			l->leg_of_room = n ? 2 * n : 4096;
			l->leg_of = xrealloc(l->leg_of, l->leg_of_room, 1);
		}
		leg = leg_of(l, &b);
		l->leg_of[n++] = (uint8_t)leg;
		l->packets[leg]++;
	}
}

size_t legs_packets(const struct legs *l, enum leg leg)
{
	return l->packets[leg];
}

bool legs_are_redirected(const struct legs *l)
{
	return l->redirects;
}

/* Returns "client leg on eth1, lo"; the caller frees. */
static char *describe_interfaces(const struct met *m, const char *name)
{
	char interface[IF_NAMESIZE], *text = xstrdup(name);

	for (size_t i = 0; i < m->n; i++) {
		char *longer;

		if (!if_indextoname(m->index[i], interface))
			snprintf(interface, sizeof(interface), "%u",
				 m->index[i]); /* the interface is gone */
		longer = xasprintf("%s%s%s", text, i ? ", " : " on ", interface);
		free(text);
		text = longer;
	}
	return text;
}

/* Writes a packet of a leg. Where a rule has changed its address, and the address of the answers
 * that come back isn't changed yet, or no more, it is shown as its client knows it. */
static void put_packet(const struct legs *l, const struct pcapng_block *b, struct pcapng_buf *buf)
{
	const struct leg_conn *c = NULL;
	size_t start = buf->len;
	struct wire_conn key;
	struct tcp_view v;

	pcapng_copy(buf, b, 0, NULL);
	if (l->redirects && find_ends(b, &v, &key) && v.tcp)
		c = bsearch(&key, l->conn, l->n, sizeof(*c), find_conn);
	if (c && c->redirected && !c->unclear)
		readdress_packet(buf->data + start + (b->packet - b->bytes) + SLL2_HEADER,
				 b->caplen - SLL2_HEADER,
				 wire_end_equal(&key.client, &c->conn.server), &c->wanted);
}

static int write_out(struct pcapng_buf *buf, int fd, struct err *e)
{
	for (size_t done = 0; done < buf->len;) {
		ssize_t n = write(fd, buf->data + done, buf->len - done);

		if (n < 0 && errno != EINTR)
			return err_errno(e, "can't write what was captured");
		done += n > 0 ? (size_t)n : 0;
	}
	buf->len = 0;
	return 0;
}

static void begin_leg(const struct legs *l, enum leg leg, const struct pcapng_block *section,
		      struct pcapng_buf *buf)
{
	char *name = xasprintf("%s leg", leg_name(leg)),
	     *text = describe_interfaces(&l->met[leg], name);

	pcapng_copy(buf, section, 0, NULL);
	pcapng_interface(buf, PCAPNG_LINKTYPE_LINUX_SLL2, 0, name, text);
	free(name);
	free(text);
}

void legs_append(const struct legs *l, enum leg leg, const struct mapped *raw,
		 struct pcapng_buf *out)
{
	struct pcapng_walk walk = {.data = raw->data, .len = raw->len};
	struct pcapng_block b;
	size_t n = 0;

	while (pcapng_next(&walk, &b, NULL) == 1)
		if (b.kind == PCAPNG_PACKET && l->leg_of[n++] == leg)
			put_packet(l, &b, out);
}

int legs_write(const struct legs *l, enum leg leg, const struct mapped *raw, bool whole, int fd,
	       struct err *e)
{
	struct pcapng_walk walk = {.data = raw->data, .len = raw->len};
	struct pcapng_buf buf = {.len = 0};
	struct pcapng_block b;
	int64_t last = 0;
	size_t n = 0;
	int rc = 0;

	while (rc == 0 && pcapng_next(&walk, &b, NULL) == 1) {
		if (b.kind == PCAPNG_SECTION)
			begin_leg(l, leg, &b, &buf);
		if (b.kind != PCAPNG_PACKET)
			continue;
		last = b.wall_ns;
		if (l->leg_of[n++] == leg)
			put_packet(l, &b, &buf);
		if (buf.len >= 256u << 10)
			rc = write_out(&buf, fd, e);
	}
	if (rc == 0 && whole)
		pcapng_statistics(&buf, 0, last, l->packets[leg], 0);
	if (rc == 0)
		rc = write_out(&buf, fd, e);
	free(buf.data);
	return rc;
}

/* moment.c - data segments are kept with their times; what a client says as it goes isn't what it
 * waited with. */
#include "scenarios/check/moment.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/analysis/packet_stream.h"

/* Bytes that come one a second are this far apart at least, one that is late too; a server's other
 * segments of such a connection are not. */
#define TRICKLE_GAP (700 * NS_PER_MS)
/* A client that gives up says so before its FIN: TLS's close_notify, PostgreSQL's Terminate, QUIT.
 */
#define GOODBYE	    (100 * NS_PER_MS)

struct reading {
	struct moment_list *list;
	uint16_t port;
};

static void begin_connection(void *arg, struct connection *c)
{
	struct reading *r = arg;

	if (!wire_connection_at_port(&c->wire, r->port))
		return;
	r->list->v = xrealloc(r->list->v, r->list->n + 1, sizeof(*r->list->v));
	r->list->v[r->list->n++] = (struct moment_connection){.first = 0};
	/* Its place, from 1: the array moves. NOLINTNEXTLINE(performance-no-int-to-ptr) */
	c->owner = (void *)(uintptr_t)r->list->n;
}

static void take_segment(void *arg, struct connection *c, const struct segment *s)
{
	struct reading *r = arg;
	struct moment_connection *m;
	uint8_t flags = s->v->flags;

	if (!c->owner || s->copy)
		return;
	m = &r->list->v[(uintptr_t)c->owner - 1];
	if (!m->first)
		m->first = s->at;
	if (flags & TCP_SYN && s->dir == DIR_UPSTREAM && !m->syn)
		m->syn = s->at;
	if (!m->connected)
		m->connected = c->wire.handshake_ack;
	if (flags & TCP_FIN && !m->fin[s->dir])
		m->fin[s->dir] = s->at;
	if (flags & (TCP_FIN | TCP_RST) && !m->end[s->dir])
		m->end[s->dir] = s->at;
	if (!s->fresh)
		return;
	if (s->dir == DIR_DOWNSTREAM)
		m->from_server += s->fresh;
	m->data = xrealloc(m->data, m->ndata + 1, sizeof(*m->data));
	m->data[m->ndata++] = (struct moment_data){.at = s->at, .dir = s->dir};
}

int moment_list_read(const char *capture, uint16_t port, struct moment_list *l, struct err *e)
{
	static const struct segment_observer observer = {.began = begin_connection,
							 .taken = take_segment};
	struct reading r = {.list = l, .port = port};
	struct packet_stream s;
	int rc;

	*l = (struct moment_list){NULL, 0};
	rc = packet_stream_read(capture, CAPTURE_LEG_CLIENT, &observer, &r, &s, e);
	if (rc == 0)
		packet_stream_finish(&s);
	packet_stream_fini(&s);
	return rc;
}

void moment_list_fini(struct moment_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].data);
	free(l->v);
}

/* Returns the first data of that side, or 0. */
static int64_t find_first(const struct moment_connection *c, enum dir dir)
{
	for (size_t i = 0; i < c->ndata; i++)
		if (c->data[i].dir == dir)
			return c->data[i].at;
	return 0;
}

static bool is_goodbye(const struct moment_connection *c, const struct moment_data *d)
{
	int64_t end = c->end[DIR_UPSTREAM];

	return d->dir == DIR_UPSTREAM && end && d->at >= end - GOODBYE;
}

/* A client's only data is no goodbye. */
static int64_t find_last_data(const struct moment_connection *c)
{
	size_t i = c->ndata;

	while (i > 0 && is_goodbye(c, &c->data[i - 1]))
		i--;
	if (i == 0)
		i = c->ndata;
	return i ? c->data[i - 1].at : c->connected;
}

/* What a client asks of a server that is silent (ssh's ServerAliveInterval, SMB's echo) comes later
 * than the fault. */
static int64_t find_server_data(const struct moment_connection *c)
{
	for (size_t i = c->ndata; i-- > 0;)
		if (c->data[i].dir == DIR_DOWNSTREAM)
			return c->data[i].at;
	return find_last_data(c);
}

static int64_t find_trickle(const struct moment_connection *c)
{
	int64_t before = 0;

	for (size_t i = 0; i < c->ndata; i++) {
		if (c->data[i].dir != DIR_DOWNSTREAM)
			continue;
		if (before && c->data[i].at - before >= TRICKLE_GAP)
			return before;
		before = c->data[i].at;
	}
	return 0;
}

int64_t fault_moment_find(const struct moment_connection *c, enum fault_moment moment)
{
	switch (moment) {
	case MOMENT_SYN:
		return c->syn;
	case MOMENT_CONNECTED:
		return c->connected;
	case MOMENT_REQUEST:
		return find_first(c, DIR_UPSTREAM);
	case MOMENT_LAST_DATA:
		return find_last_data(c);
	case MOMENT_SERVER_DATA:
		return find_server_data(c);
	case MOMENT_TRICKLE:
		return find_trickle(c);
	case MOMENT_SERVER_ENDS:
		return c->end[DIR_DOWNSTREAM];
	case MOMENT_CLIENT_ENDS:
		return c->fin[DIR_UPSTREAM];
	}
	return 0;
}

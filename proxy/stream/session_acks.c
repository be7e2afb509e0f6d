/* session_acks.c - a flow's source is one leg, its sink the other; the sink's socket tells when its
 * peer has acknowledged. */
#include "proxy/stream/session_acks.h"

#include "proxy/base/mem.h"
#include "proxy/base/sock_ack.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/endpoint_send.h"

static struct endpoint *flow_source(struct flow *f)
{
	struct session *s = f->host_arg;

	return &s->ep[f->dir == DIR_UPSTREAM ? LEG_CLIENT : LEG_SERVER];
}

/* A sink that is gone acknowledges nothing more, and nobody waits for it. */
static size_t unacked_bytes(void *arg)
{
	const struct endpoint *sink = flow_source(arg)->peer;

	if (sink->fd == -1 || sink->error)
		return 0;
	return sock_unacked(sink->fd) + endpoint_unsent(sink);
}

static void ack_source(void *arg)
{
	const struct endpoint *source = flow_source(arg);

	if (source->fd != -1)
		sock_ack_now(source->fd);
}

static int64_t source_round_trip(void *arg)
{
	const struct endpoint *source = flow_source(arg);

	return source->fd == -1 ? 0 : sock_least_rtt(source->fd);
}

static const struct ack_pace_ops ops = {
    .unacked = unacked_bytes,
    .ack = ack_source,
    .round_trip = source_round_trip,
};

void session_acks_init(struct session *s)
{
	for (enum dir dir = 0; dir < DIR_COUNT; dir++)
		if (s->config.paced[dir])
			flow_source(&s->flow[dir])->acks_later = true;
	if (s->config.paced[DIR_UPSTREAM] || s->config.paced[DIR_DOWNSTREAM])
		s->pace = xcalloc(DIR_COUNT, sizeof(*s->pace));
}

void session_acks_open(struct session *s)
{
	for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
		struct flow *f = &s->flow[dir];

		if (!s->config.paced[dir])
			continue;
		sock_tell_acked(flow_source(f)->peer->fd);
		ack_pace_start(&s->pace[dir], f, &ops, f);
	}
}

void session_acks_look(struct session *s)
{
	for (enum dir dir = 0; s->pace && dir < DIR_COUNT; dir++) {
		struct ack_pace *p = &s->pace[dir];

		if (p->state == ACK_PACE_OFF)
			continue;
		if (flow_source(p->flow)->peer->fd != -1)
			sock_forget_acked(flow_source(p->flow)->peer->fd);
		ack_pace_look(p);
	}
}

void session_acks_stop(struct session *s)
{
	for (enum dir dir = 0; s->pace && dir < DIR_COUNT; dir++)
		ack_pace_stop(&s->pace[dir]);
}

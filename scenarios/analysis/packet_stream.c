/* packet_stream.c - the way of one packet, and the sweep that lets go of connections. */
#include "scenarios/analysis/packet_stream.h"

#include "proxy/base/clock.h"

#include <string.h>

#define SWEEP_EVERY (10 * NS_PER_S)    /* of the capture's time */
#define UNTIL_MAX   (86400 * NS_PER_S) /* a day; beyond, a file's word for its end is none */

void packet_stream_init(struct packet_stream *s, const struct segment_observer *observer, void *arg)
{
	memset(s, 0, sizeof(*s));
	s->observer = observer;
	s->arg = arg;
	connections_init(&s->connections, !observer);
	connections_init(&s->numbers, false);
}

static void remove_ended(struct packet_stream *s, int64_t now)
{
	connections_remove_ended(&s->connections, now, false, s->observer->ended, s->arg);
	connections_remove_ended(&s->numbers, now, false, NULL, NULL);
	s->next_sweep = now + SWEEP_EVERY;
}

/* Returns the number that tcp.stream has for the segment's connection: where both legs have the
 * same addresses and ports, Wireshark takes them for one. */
static uint32_t number_segment(struct packet_stream *s, const struct segment *segment)
{
	struct segment x = *segment;
	struct connection *c = connections_find(&s->numbers, x.v, x.at, &x.dir);

	segment_take(c, &x);
	return c->wire.index;
}

/* Chooses the leg by the first packet. */
static void choose_leg(struct packet_stream *s, const struct capture_packet *p)
{
	s->both_legs = p->legs == CAPTURE_LEG_BOTH;
	if (s->both_legs && !s->leg)
		s->leg = CAPTURE_LEG_SERVER;
	else if (!s->both_legs)
		s->leg = p->leg;
}

uint32_t packet_stream_numbers(const struct packet_stream *s)
{
	return s->both_legs ? s->numbers.begun : s->connections.begun;
}

static void take_segment(struct packet_stream *s, const struct tcp_view *v,
			 const struct capture_packet *p)
{
	struct segment segment = {.v = v, .at = p->at + s->shift, .frame = p->frame};
	uint32_t begun = s->connections.begun, number = 0;
	struct connection *c;

	if (s->both_legs)
		number = number_segment(s, &segment);
	if (p->leg && p->leg != s->leg) {
		s->of_other_leg++;
		return;
	}
	s->tcp_packets++;
	c = connections_find(&s->connections, v, segment.at, &segment.dir);
	if (s->both_legs && s->connections.begun != begun)
		c->wire.index = number;
	if (s->both_legs && c->wire.index != number)
		c->wire.renumbered = true;
	segment.captured = v->payload ? p->ip_len - (size_t)(v->payload - p->ip) : 0;
	if (p->fragment)
		connection_mark_unreliable(
		    c, "its packets came in fragments, which are not put together");
	if (s->observer && s->observer->began && s->connections.begun != begun)
		s->observer->began(s->arg, c);
	if (s->observer && s->observer->before)
		s->observer->before(s->arg, c, &segment);
	segment_take(c, &segment);
	if (s->observer && s->observer->taken)
		s->observer->taken(s->arg, c, &segment);
}

void packet_stream_take(struct packet_stream *s, const struct capture_packet *p)
{
	struct tcp_view v;

	if (!s->packets++) {
		s->first = s->last = p->at;
		s->shift = p->at == 0;
		choose_leg(s, p);
	}
	if (p->at > s->last)
		s->last = p->at;
	if (!p->ip || p->protocol != IPPROTO_TCP || p->copy)
		return;
	if (p->fragment == IP_FRAGMENT_LATER ||
	    !tcp_view_parse_cut(&v, p->ip, p->ip_len, p->ip_wire)) {
		s->not_parsed++;
		return;
	}
	if (s->observer && p->at >= s->next_sweep)
		remove_ended(s, p->at);
	take_segment(s, &v, p);
}

void packet_stream_set_until(struct packet_stream *s, int64_t until)
{
	if (s->packets && until > s->last && until - s->last < UNTIL_MAX)
		s->until = until;
}

int64_t packet_stream_end(const struct packet_stream *s)
{
	return (s->until > s->last ? s->until : s->last) + s->shift;
}

void packet_stream_finish(struct packet_stream *s)
{
	int64_t now = packet_stream_end(s);

	if (s->observer)
		connections_remove_ended(&s->connections, now, true, s->observer->ended, s->arg);
	else
		connections_finish(&s->connections, now);
}

void packet_stream_fini(struct packet_stream *s)
{
	connections_fini(&s->connections);
	connections_fini(&s->numbers);
}

int packet_stream_read(const char *path, enum capture_leg leg,
		       const struct segment_observer *observer, void *arg, struct packet_stream *s,
		       struct err *e)
{
	struct capture_reader *r;
	struct capture_packet p;
	struct err broken;
	int rc;

	packet_stream_init(s, observer, arg);
	s->leg = leg;
	if (capture_reader_open(path, &r, e))
		return -1;
	while ((rc = capture_reader_next(r, &p, &broken)) == 1)
		packet_stream_take(s, &p);
	packet_stream_finish(s);
	capture_reader_close(r);
	s->broke_off = rc == -1;
	if (rc == -1 && !s->tcp_packets)
		return err_set(e, "capture %s: %s", path, broken.text);
	return 0;
}

/* heartbeat_server.c - sends back whatever comes, and its FIN behind the client's. It knows no
 * beats: an exchange is what one read has brought. */
#include "scenarios/workload/heartbeat_server.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/serving.h"

#define UNSENT_MAX (64u << 10) /* a client that reads no echoes isn't read any more */

static void begin_peer(struct serving_peer *p)
{
	p->talk.out_max = UNSENT_MAX;
}

static void echo_bytes(struct serving_peer *p)
{
	struct tally_exchange x = {.ok = true, .bytes = p->talk.nin};

	x.start = x.first = x.last = clock_now(&clock_monotonic);
	talk_write(&p->talk, p->talk.in, p->talk.nin);
	talk_take(&p->talk, p->talk.nin);
	x.end = clock_now(&clock_monotonic);
	tally_add(&p->serving->tally, &x);
}

static void end_echoes(struct serving_peer *p)
{
	p->over = true;
}

static void end_peer(struct serving_peer *p)
{
	(void)p;
}

int heartbeat_server(const struct workload_task *task)
{
	static const struct serving_protocol protocol = {
	    .peer_size = sizeof(struct serving_peer),
	    .begin = begin_peer,
	    .read = echo_bytes,
	    .eof = end_echoes,
	    .end = end_peer,
	};

	return serving_run(task, &protocol);
}

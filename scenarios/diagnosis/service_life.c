/* service_life.c - each event of a connection, as its service takes it. */
#include "scenarios/diagnosis/service_life.h"

#include "proxy/base/clock.h"

#include <string.h>

#define TOGETHER       (100 * NS_PER_MS) /* R18 */
#define RESETS_LEAST   5
#define RESETS_SHARE   0.8
#define WINDOWS_AGAIN  (500 * NS_PER_MS) /* R2: after an RST Windows sends its SYN twice more */
#define WINDOWS_SLACK  (150 * NS_PER_MS)
#define STORM_LEAST    10
#define STORM_INTERVAL (1 * NS_PER_S)

void service_life_open(struct service_life *x)
{
	x->open++;
}

static void judge_resets(struct service_life *x, const struct addr *server, struct findings *f)
{
	struct reset_burst *b = &x->resets;
	struct found found = {
	    .kind = FINDING_POOL_RESET,
	    .server = *server,
	    .connection = b->connection,
	    .value = b->to - b->from,
	    .number = b->n,
	    .label = 2 * b->by_server >= b->n ? "by the server" : "by the clients",
	};

	if (b->n >= RESETS_LEAST && (double)b->n >= RESETS_SHARE * (double)b->open) {
		memcpy(found.frames, b->frames, sizeof(found.frames));
		findings_add(f, &found);
	}
	*b = (struct reset_burst){0};
}

static void take_reset(struct service_life *x, const struct connection *c, const struct outline *o,
		       struct findings *f)
{
	struct reset_burst *b = &x->resets;
	int64_t from;

	if (b->n && o->end.at - b->from > TOGETHER)
		judge_resets(x, &c->wire.server, f);
	from = b->n ? b->from : o->end.at;
	if (b->n && c->wire.handshake_ack > from)
		return; /* it wasn't open when the others were */
	if (from - c->wire.handshake_ack < TOGETHER) {
		/* Those that follow each other so fast end so, too, each by itself. */
		b->open -= b->open > 0;
		return;
	}
	if (!b->n) {
		b->from = o->end.at;
		b->open = x->open;
		b->connection = c->wire.index;
	}
	b->to = o->end.at;
	b->by_server += o->end.dir == DIR_DOWNSTREAM;
	if (b->n < FINDING_FRAMES)
		b->frames[b->n] = o->end.frame;
	b->n++;
}

/* Where a part of the connections is missing, nobody knows how many were open. */
static bool is_seen_whole(const struct wire_connection *w)
{
	return !w->midstream && w->packets[DIR_UPSTREAM] && w->packets[DIR_DOWNSTREAM];
}

void service_life_close(struct service_life *x, const struct connection *c, const struct outline *o,
			struct findings *f)
{
	if (o->end.at && o->end.flags & TCP_RST && is_seen_whole(&c->wire))
		take_reset(x, c, o, f);
	if (x->open)
		x->open--;
}

/* Returns the place of the client's last try: its own, or that of the oldest. */
static struct refused_try *find_try(struct service_life *x, const struct addr *client)
{
	struct refused_try *oldest = x->tries;

	for (int i = 0; i < SERVICE_CLIENTS; i++) {
		struct refused_try *t = &x->tries[i];

		if (t->at && addr_equal_host(&t->client, client))
			return t;
		if (t->at < oldest->at)
			oldest = t;
	}
	*oldest = (struct refused_try){.client = *client};
	return oldest;
}

int64_t service_life_refuse(struct service_life *x, const struct connection *c,
			    const struct outline *o)
{
	struct refused_try *t = find_try(x, &c->wire.client);
	int64_t at = o->syns[o->nsyns - 1], since = t->at ? at - t->at : 0;

	x->refused++;
	x->as_windows += since && addr_equal(&t->client, &c->wire.client) &&
			 since > WINDOWS_AGAIN - WINDOWS_SLACK &&
			 since < WINDOWS_AGAIN + WINDOWS_SLACK;
	*t = (struct refused_try){c->wire.client, at};
	return since > 0 ? since : 0;
}

static const char *refused_label(const struct service_life *x, const struct finding *f)
{
	if (2 * x->as_windows >= x->refused)
		return "tried again from the same port 0.5 s later, as Windows does";
	if (f->count >= STORM_LEAST && f->values.n &&
	    durations_quantile(&f->values, 0.5) < STORM_INTERVAL)
		return "a storm: the clients try again at once";
	return NULL;
}

static void judge_losses(const struct service_life *x, const struct addr *server,
			 struct findings *f)
{
	for (int d = 0; d < DIR_COUNT; d++) {
		const struct rate_loss *r = &x->losses[d];
		struct found found = {
		    .kind = FINDING_RATE_LOSS,
		    .server = *server,
		    .label =
			d == DIR_UPSTREAM ? "on the way to the server" : "on the way to the client",
		    .number = r->lost[1],
		    .frames = {r->frame},
		};

		if (rate_loss_depends(r))
			findings_add(f, &found);
	}
}

void service_life_finish(struct service_life *x, const struct addr *server, uint64_t connections,
			 struct findings *f)
{
	judge_resets(x, server, f);
	limits_judge(&x->limits, server, f);
	judge_losses(x, server, f);
	for (size_t i = 0; i < f->n; i++) {
		struct finding *y = &f->list[i];

		if (!addr_equal(&y->first.server, server) || y->first.number)
			continue;
		y->of = connections;
		if (y->first.kind == FINDING_REFUSED)
			y->first.label = refused_label(x, y);
	}
}

void service_life_fini(struct service_life *x)
{
	limits_fini(&x->limits);
}

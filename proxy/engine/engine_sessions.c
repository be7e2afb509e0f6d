/* engine_sessions.c - a session is described when it is asked for, and nothing is kept. */
#include "proxy/engine/engine_sessions.h"

#include "proxy/engine/engine_counts.h"
#include "proxy/engine/engine_state.h"
#include "proxy/stream/flow/stage.h"
#include "proxy/stream/session_table.h"

#include <sys/ioctl.h>

static size_t count_unread(const struct endpoint *ep)
{
	int n = 0;

	return ep->fd != -1 && ioctl(ep->fd, FIONREAD, &n) == 0 && n > 0 ? (size_t)n : 0;
}

static struct engine_session describe_session(const struct engine *en, const struct session *s)
{
	int64_t now = clock_now(en->env.clock);
	struct engine_session d = {
	    .number = s->number,
	    .proxy = s->config.proxy,
	    .mode = container_of(s->config.kin, struct engine_proxy, open)->config.mode,
	    .state = engine_state_names[s->state],
	    .client = s->client,
	    .server = s->server,
	    .seconds = clock_seconds(now - s->began),
	    .session = s,
	};

	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		d.got[leg] = s->ep[leg].got;
		d.sent[leg] = s->ep[leg].sent;
	}
	for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
		d.held[dir] = s->flow[dir].held;
		d.undelivered[dir] = s->flow[dir].undelivered;
		d.ended[dir] = s->flow[dir].end_in != END_NONE;
		d.reading[dir] = flow_readable(&s->flow[dir]);
		if (flow_load(&s->flow[dir]) && en->env.timed)
			d.waiting[dir] = clock_seconds(now - s->flow[dir].time.moved);
		if (!d.reading[dir] && en->env.timed)
			d.paused[dir] = clock_seconds(now - s->flow[dir].time.paused);
		if (!d.reading[dir])
			d.unread[dir] =
			    count_unread(&s->ep[dir == DIR_UPSTREAM ? LEG_CLIENT : LEG_SERVER]);
	}
	return d;
}

void engine_each_session(const struct engine *en,
			 bool (*fn)(void *arg, const struct engine_session *s), void *arg)
{
	const struct session *s;

	TAILQ_FOREACH (s, &en->sessions->open, entry) {
		const struct engine_session d = describe_session(en, s);

		if (!fn(arg, &d))
			return;
	}
}

void engine_each_stage(const struct engine_session *d,
		       void (*fn)(void *arg, const struct engine_session_stage *st), void *arg)
{
	const struct session *s = d->session;

	for (enum dir dir = 0; dir < DIR_COUNT; dir++)
		for (const struct stage *st = s->flow[dir].first; st; st = st->next) {
			const struct engine_session_stage e = {.name = st->name,
							       .dir = dir,
							       .active = st->active,
							       .acted = st->acted,
							       .pausing = st->pausing,
							       .held = st->held};

			fn(arg, &e);
		}
}

bool engine_find_session(const struct engine *en, uint64_t number, struct engine_session *out)
{
	const struct session *s;

	TAILQ_FOREACH (s, &en->sessions->open, entry)
		if (s->number == number)
			break;
	if (s)
		*out = describe_session(en, s);
	return s != NULL;
}

bool engine_end_session(struct engine *en, uint64_t number, bool reset)
{
	struct session *s;

	TAILQ_FOREACH (s, &en->sessions->open, entry)
		if (s->number == number)
			break;
	if (!s)
		return false;
	en->sessions->ops->close(s, reset ? CLOSE_STOPPED : CLOSE_DONE,
				 reset ? "a client of the API reset it"
				       : "a client of the API closed it");
	return true;
}

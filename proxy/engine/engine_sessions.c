/* engine_sessions.c - a session is described when it is asked for, and nothing is kept. */
#include "proxy/engine/engine_sessions.h"

#include "proxy/engine/engine_counts.h"
#include "proxy/engine/engine_state.h"
#include "proxy/stream/flow/stage.h"
#include "proxy/stream/session_table.h"

static struct engine_session describe_session(const struct engine *en, const struct session *s)
{
	struct engine_session d = {
	    .number = s->number,
	    .proxy = s->config.proxy,
	    .state = engine_state_names[s->state],
	    .client = s->client,
	    .server = s->server,
	    .seconds = clock_seconds(clock_now(en->env.clock) - s->began),
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

/* engine_counts.c - sessions that have ended are counted as they end; those that are open when they
 * are asked for. */
#include "proxy/engine/engine_counts.h"

#include "proxy/engine/engine_state.h"
#include "proxy/stream/session_table.h"

const char *const engine_state_names[SESSION_STATES] = {"dialling", "refused", "handshake",
							"open",	    "closing", "closed"};

static void add_inside(const struct session *s, struct engine_proxy_counts *out)
{
	for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
		const struct flow *f = &s->flow[dir];

		out->inside[dir] += flow_load(f);
		out->left[dir] += f->time.left;
		out->waited[dir] += f->time.waited / (double)NS_PER_S;
	}
}

void engine_count_proxy(const struct engine *en, size_t i, struct engine_proxy_counts *out)
{
	const struct engine_proxy *p = en->proxies[i];
	const struct session *s;

	*out = (struct engine_proxy_counts){.begun = p->ended.sessions};
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		out->got[leg] = p->ended.got[leg];
		out->sent[leg] = p->ended.sent[leg];
	}
	for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
		out->left[dir] = p->ended.left[dir];
		out->waited[dir] = p->ended.waited[dir] / (double)NS_PER_S;
	}
	TAILQ_FOREACH (s, &p->open, kin_entry) {
		out->begun++;
		out->open++;
		for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
			out->got[leg] += s->ep[leg].got;
			out->sent[leg] += s->ep[leg].sent;
		}
		add_inside(s, out);
	}
}

void engine_count_levels(const struct engine *en, struct engine_levels *out)
{
	const struct session *s;

	*out = (struct engine_levels){.held = en->holds.total->charged,
				      .hold_limit = en->holds.total->limit};
	TAILQ_FOREACH (s, &en->sessions->open, entry)
		out->sessions[s->state]++;
}

/* wedge_news.c - a state goes out on a timer, whatever it costs to be read by nobody: 4 a second.
 */
#include "scenarios/run/wedge_news.h"

#include "impairments/live/impairments_ops.h"
#include "proxy/engine/engine_describe.h"

#define STATE_TIME    (250 * NS_PER_MS)
#define SESSIONS_MOST 40

static json_t *describe_proxies(const struct wedge_news *n)
{
	json_t *list = json_array();
	struct engine_proxy_counts c;

	for (size_t i = 0; i < n->proxies->n; i++) {
		const struct engine_proxy_config *pc = &n->proxies->config[i];
		json_t *o = json_pack("{s:s, s:s}", "name", pc->name, "mode",
				      intercept_name(n->proxies->intercept));

		engine_count_proxy(n->engine, i, &c);
		json_object_update_new(o, engine_describe_counts(&c));
		json_array_append_new(list, o);
	}
	return list;
}

static void add_impairment(void *arg, const struct impairment_count *c)
{
	json_array_append_new(arg, json_pack("{s:s, s:s, s:I, s:I}", "name", c->name, "text",
					     c->text, "sessions", (json_int_t)c->sessions, "acted",
					     (json_int_t)c->acted));
}

static json_t *describe_impairments(const struct wedge_proxies *w)
{
	json_t *list = json_array();

	impairments_ops.count_each(w->set, add_impairment, list);
	return list;
}

static void send_state(const struct wedge_news *n)
{
	run_news_send(&n->out, "state", "s:{s:f, s:o, s:o}, s:{s:o}, s:o", "stats", "seconds",
		      clock_seconds(clock_now(loop_clock(n->loop))), "proxies", describe_proxies(n),
		      "packets", engine_describe_packets(n->engine), "sessions", "sessions",
		      engine_describe_sessions(n->engine, SESSIONS_MOST, true), "impairments",
		      describe_impairments(n->proxies));
}

static void state_cb(void *arg, int64_t now)
{
	struct wedge_news *n = arg;

	send_state(n);
	timer_arm(loop_timers(n->loop), &n->timer, now + STATE_TIME);
}

static void line_cb(void *arg, const char *line, size_t len)
{
	run_news_line(arg, line, len - 1); /* without its newline */
}

void wedge_news_begin(struct wedge_news *n, const struct run_news *news, struct loop *loop,
		      struct engine *engine, struct journal *journal,
		      const struct wedge_proxies *proxies)
{
	*n = (struct wedge_news){.out = *news,
				 .loop = loop,
				 .engine = engine,
				 .journal = journal,
				 .proxies = proxies,
				 .timer = {.fn = state_cb}};
	n->timer.arg = n;
	journal_tap(journal, line_cb, &n->out);
	state_cb(n, clock_now(loop_clock(loop)));
}

void wedge_news_end(struct wedge_news *n)
{
	if (!n->loop)
		return;
	timer_cancel(loop_timers(n->loop), &n->timer);
	send_state(n);
	journal_tap(n->journal, NULL, NULL);
}

/* gate.c - computes the decision anew whenever something has changed on which it rests; only a
 * different answer reaches the stage and the journal. */
#include "impairments/live/gate.h"

#include "impairments/live/http1_tap.h"
#include "proxy/base/mem.h"
#include "proxy/stream/flow/stage_window.h"

#include <jansson.h>
#include <string.h>

static bool chooses_messages(const struct impair_live *live)
{
	return live->trigger.window.by_message;
}

void gate_event(struct gate *g, const char *event, const char *why)
{
	if (g->stage)
		stage_note(g->stage, event, "s:s", "why", why);
	else
		pkt_stage_note(g->pkt, event, "s:s", "why", why);
}

static bool is_active(const struct gate *g)
{
	return g->stage ? g->stage->active && !g->stage->outside
			: g->pkt->active && !g->pkt->outside;
}

static bool should_act(const struct gate *g)
{
	const struct impair_live *live = g->live;

	return live->inst->when.enabled && live->schedule.on && g->match == MATCH_YES &&
	       g->chosen && g->window.open && !g->uncountable && !g->waits;
}

void gate_acted(struct gate *g)
{
	session_record_acted(g->attachment->record, g->live);
}

/* Takes note how far the instance has come with any session. */
static void tally_gate(const struct gate *g, bool act)
{
	struct impair_tally *t = &g->live->tally;

	t->placed = true;
	t->matched |= g->match == MATCH_YES;
	t->chosen |= g->match == MATCH_YES && g->chosen;
	t->active |= act;
	t->counted |= g->pos.at[UNIT_MESSAGES] > 0;
	t->enabled |= g->live->inst->when.enabled;
}

static void set_active(struct gate *g, bool act)
{
	if (g->stage)
		stage_set_active(g->stage, act);
	else
		pkt_stage_set_active(g->pkt, act);
}

static void close_stage_window(struct gate *g)
{
	if (g->stage)
		stage_close_window(g->stage);
	else
		pkt_stage_close_window(g->pkt);
}

static bool is_outside(const struct gate *g)
{
	return g->stage ? g->stage->outside : g->pkt->outside;
}

void gate_refresh(struct gate *g, const char *why)
{
	bool act = should_act(g), enabled = g->live->inst->when.enabled;

	tally_gate(g, act);
	if (is_outside(g) && !enabled)
		set_active(g, false); /* disabled: it lets go at once */
	if (act == is_active(g))
		return;
	gate_event(g, act ? "act" : "rest", why);
	if (!act && enabled)
		close_stage_window(g);
	else
		set_active(g, act);
}

/* The decision on message k is decision k of its sequence, whatever became of the others. */
static void choose_message(struct gate *g)
{
	struct rng rng = impair_live_message_rng(g->live, g->dir, g->attachment->record->draw);
	double probability = g->live->trigger.probability;
	uint64_t message = g->pos.at[UNIT_MESSAGES] + 1;

	rng.k = message;
	g->chosen = rng_chance(&rng, probability);
	if (probability < 1)
		stage_note(g->stage, "decision", "s:I, s:b, s:f", "message", (json_int_t)message,
			   "chosen", g->chosen, "probability", probability);
	g->window.open = g->chosen; /* the next message has its own decision */
}

/* Logs why the gate opened. Only the position goes into the text, so that two runs with one seed
 * log the same line: how much of the next message has come by now depends on the network. */
static void open_window(struct gate *g, struct amount due)
{
	char where[AMOUNT_TEXT], why[2 * AMOUNT_TEXT];

	if (chooses_messages(g->live))
		choose_message(g);
	if (due.unit == UNIT_MESSAGES && trigger_window_opens_inside(&g->when))
		snprintf(why, sizeof(why), "in message %llu",
			 (unsigned long long)g->pos.at[UNIT_MESSAGES] + 1);
	else if (!due.n)
		snprintf(why, sizeof(why), "from the beginning");
	else
		snprintf(why, sizeof(why), "after %s", amount_format(due.unit, due.n, where));
	gate_refresh(g, why);
}

static void close_window(struct gate *g)
{
	enum unit unit = g->when.length.unit;
	char where[AMOUNT_TEXT], why[2 * AMOUNT_TEXT];

	snprintf(why, sizeof(why), "its window ends at %s",
		 amount_format(unit, g->window.close, where));
	gate_refresh(g, why);
}

static void arm_timer(struct gate *g)
{
	struct timerq *timers = g->live->env->timers;
	uint64_t due = trigger_window_time_due(&g->window, &g->when);
	int64_t at = g->attachment->born + (int64_t)due;

	if (due == UINT64_MAX)
		timer_cancel(timers, &g->timer);
	else if (!timer_armed(&g->timer) || g->timer.due != at)
		timer_arm(timers, &g->timer, at);
}

static uint64_t session_age(const struct gate *g)
{
	int64_t ns = clock_now(g->live->env->clock) - g->attachment->born;

	return ns > 0 ? (uint64_t)ns : 0;
}

void gate_settle(struct gate *g)
{
	enum trigger_window_event event;

	g->pos.at[UNIT_TIME] = session_age(g);
	do {
		struct amount due = g->window.next;

		event = trigger_window_step(&g->window, &g->when, &g->pos);
		if (event == TRIGGER_WINDOW_OPENS)
			open_window(g, due);
		else if (event == TRIGGER_WINDOW_CLOSES)
			close_window(g);
	} while (event != TRIGGER_WINDOW_STAYS);
	tally_gate(g, is_active(g));
	arm_timer(g);
}

static void timer_cb(void *arg, int64_t now)
{
	struct gate *g = arg;

	(void)now;
	if (g->stage)
		flow_enter(g->stage->flow);
	gate_settle(g);
	if (g->stage)
		flow_leave(g->stage->flow);
}

/* Keeps a session's gates in the order of their instances; most come in it. */
static void list_gate(struct attachment *att, struct gate *g)
{
	struct gate *at = TAILQ_LAST(&att->gates, gate_list);

	while (at && at->live->inst > g->live->inst)
		at = TAILQ_PREV(at, gate_list, of_attachment);
	if (at)
		TAILQ_INSERT_AFTER(&att->gates, at, g, of_attachment);
	else
		TAILQ_INSERT_HEAD(&att->gates, g, of_attachment);
}

struct gate *gate_new(struct impair_live *live, struct attachment *att, enum dir dir)
{
	struct gate *g = xcalloc(1, sizeof(*g));

	g->live = live;
	g->attachment = att;
	g->dir = dir;
	g->timer.fn = timer_cb;
	g->timer.arg = g;
	TAILQ_INSERT_TAIL(&live->gates, g, of_live);
	list_gate(att, g);
	return g;
}

void gate_free(struct gate *g)
{
	timer_cancel(g->live->env->timers, &g->timer);
	TAILQ_REMOVE(&g->live->gates, g, of_live);
	TAILQ_REMOVE(&g->attachment->gates, g, of_attachment);
	free(g);
}

void gate_detach(struct gate *g, const char *why)
{
	gate_event(g, "removed", why);
	if (g->stage)
		stage_detach(g->stage);
	else
		pkt_stage_detach(g->pkt);
	gate_free(g);
}

void gate_update_stage(struct gate *g)
{
	const void *cfg = g->live->inst->cfg;

	gate_event(g, "update", "the configuration has changed");
	if (g->stage)
		stage_update(g->stage, cfg);
	else
		pkt_stage_update(g->pkt, cfg);
}

/* Logs the decision on the session. */
static void journal_decision(struct gate *g, const char *why)
{
	static const char *const words[] = {
	    [MATCH_NO] = "no match", [MATCH_YES] = "match", [MATCH_LATER] = "not known yet"};
	char text[160];

	if (g->match == MATCH_YES && !g->chosen && !chooses_messages(g->live))
		snprintf(text, sizeof(text), "not chosen, with a probability of %g",
			 g->live->trigger.probability);
	else
		snprintf(text, sizeof(text), "%s: %s", words[g->match], why);
	gate_event(g, "decision", text);
}

static bool decides_nothing(const struct impair_live *live)
{
	return match_is_any(&live->trigger.match) &&
	       (live->trigger.probability >= 1 || chooses_messages(live));
}

void gate_match(struct gate *g)
{
	struct facts facts = session_record_facts(g->attachment->record, g->live);
	enum match before = g->match;
	const char *why;

	g->match = match_session(&g->live->trigger.match, &facts, &why);
	if (g->match != before)
		journal_decision(g, why);
	gate_refresh(g, "it matches");
}

void gate_use_requests(struct gate *g)
{
	if (g->stage && framing_reads_http1(g->live->trigger.framing.kind) &&
	    g->dir == DIR_DOWNSTREAM)
		framing_use_requests(&g->framing, http1_tap_requests(g->attachment->record));
}

static void begin_counting(struct gate *g)
{
	const struct framing_config *c = &g->live->trigger.framing;

	framing_init(&g->framing, c, g->dir);
	g->counting = g->uncountable = false;
	if (g->waits)
		return;
	gate_use_requests(g);
	g->counting = c->kind != FRAMING_NONE && !g->pos.at[UNIT_BYTES];
	if (c->kind == FRAMING_TLS_HANDSHAKE && g->stage && g->stage->flow->marks) {
		g->pos.at[UNIT_MESSAGES] =
		    framing_use_marks(&g->framing, g->stage->flow->marks, g->pos.at[UNIT_BYTES]);
		g->counting = true;
	}
	g->uncountable = c->kind != FRAMING_NONE && !g->counting;
	if (g->uncountable)
		gate_event(g, "decision", "it began too late to count this session's messages");
}

/* Decides where the window of this session lies. A place that was drawn is logged. */
static void draw_window(struct gate *g)
{
	const struct trigger_window_config *c = &g->live->trigger.window;
	struct rng rng = impair_live_rng(g->live, g->attachment->record->draw);
	char after[AMOUNT_TEXT], text[160];

	rng.k = 1; /* 0 is the decision whether it is chosen */
	trigger_window_draw(&g->when, c, &rng);
	if (!c->after_span && !c->offset_span)
		return;
	snprintf(text, sizeof(text), "drawn: after %s, offset %lluB",
		 amount_format(g->when.after.unit, g->when.after.n, after),
		 (unsigned long long)g->when.offset);
	gate_event(g, "decision", text);
}

static void decide_session(struct gate *g)
{
	struct facts facts = session_record_facts(g->attachment->record, g->live);
	const char *why;

	draw_window(g);
	g->chosen = impair_live_chosen(g->live, g->attachment->record->draw);
	g->match = match_session(&g->live->trigger.match, &facts, &why);
	if (!decides_nothing(g->live))
		journal_decision(g, why);
}

void gate_start(struct gate *g)
{
	g->pos.at[UNIT_TIME] = session_age(g);
	begin_counting(g);
	decide_session(g);
	trigger_window_begin(&g->window, &g->when, &g->pos);
	gate_settle(g);
}

void gate_tls_began(struct gate *g)
{
	if (!g->waits)
		return;
	g->waits = false;
	g->pos.at[UNIT_BYTES] = 0;
	g->pos.at[UNIT_TIME] = session_age(g);
	begin_counting(g);
	trigger_window_begin(&g->window, &g->when, &g->pos);
	gate_settle(g);
	gate_refresh(g, "TLS begins");
}

void gate_reconfigure(struct gate *g, bool same_framing)
{
	g->pos.at[UNIT_TIME] = session_age(g);
	if (!same_framing)
		begin_counting(g);
	decide_session(g);
	trigger_window_begin(&g->window, &g->when, &g->pos);
	gate_settle(g);
	gate_refresh(g, "its configuration has changed");
}

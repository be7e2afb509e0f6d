/* run.c - has one timer for all schedules, and finds the place of each stage in its chain. */
#include "impairments/live/run.h"

#include "impairments/live/gate_packet.h"
#include "impairments/live/gate_stream.h"
#include "impairments/live/http1_tap.h"
#include "impairments/live/set_share.h"
#include "proxy/base/mem.h"

#include <jansson.h>

static int64_t schedule_time(const struct impair_live *live)
{
	return clock_now(live->env->clock) - live->schedule_began;
}

static void change_schedule(struct impair_live *live, int64_t at, const char *why)
{
	struct gate *g;

	journal_event(live->env->journal, "schedule", "s:s, s:b, s:f, s:s", "stage",
		      live->inst->name, "on", live->schedule.on, "at", clock_seconds(at), "why",
		      why);
	TAILQ_FOREACH (g, &live->gates, of_live)
		gate_refresh(g, why);
}

static void advance_schedule(struct impair_live *live)
{
	int64_t at, now = schedule_time(live);

	while (schedule_step(&live->schedule, &live->trigger.schedule, now, &at))
		change_schedule(live, at, "its schedule");
}

void impair_run_arm(struct impair_run *run)
{
	const struct impairment_set *s = run->set;
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < s->n; i++) {
		const struct impair_live *live = s->inst[i].live;

		if (live && live->schedule.next < INT64_MAX &&
		    live->schedule_began + live->schedule.next < due)
			due = live->schedule_began + live->schedule.next;
	}
	if (due == INT64_MAX)
		timer_cancel(run->env.timers, &run->timer);
	else
		timer_arm(run->env.timers, &run->timer, due);
}

static void timer_cb(void *arg, int64_t now)
{
	struct impair_run *run = arg;

	(void)now;
	for (size_t i = 0; i < run->set->n; i++)
		if (run->set->inst[i].live)
			advance_schedule(run->set->inst[i].live);
	impair_run_arm(run);
}

void impair_run_schedule(struct impair_live *live)
{
	live->schedule_began = clock_now(live->env->clock);
	schedule_begin(&live->schedule, &live->trigger.schedule, impair_live_rng(live, 0));
	advance_schedule(live);
}

void impair_run_reset(struct impair_live *live, const char *why)
{
	int64_t now = schedule_time(live);
	bool on = live->schedule.on;

	schedule_reset(&live->schedule, &live->trigger.schedule, impair_live_rng(live, 0), now);
	if (live->schedule.on != on)
		change_schedule(live, now, why);
}

struct impair_live *impair_run_add(struct impair_run *run, struct impair_inst *inst)
{
	const struct impairment *type = inst->type;
	struct impair_live *live = xcalloc(1, sizeof(*live));
	struct err e;

	live->env = &run->env;
	live->inst = inst;
	TAILQ_INIT(&live->gates);
	BUG_ON(trigger_compile(&live->trigger, &inst->when, &e) == -1);
	inst->live = live;
	if (type->shared_size) {
		live->shared = xcalloc(1, type->shared_size);
		if (type->shared_init)
			type->shared_init(live->shared, &run->env, inst->cfg);
	}
	impair_run_schedule(live);
	return live;
}

static void free_live(struct impair_live *live)
{
	BUG_ON(!TAILQ_EMPTY(&live->gates));
	live->inst->tally = live->tally;
	live->inst->tally.sessions = live->sessions;
	if (live->shared && live->inst->type->shared_fini)
		live->inst->type->shared_fini(live->shared);
	free(live->shared);
	live->inst->live = NULL;
	free(live);
}

void impair_run_remove(struct impair_run *run, struct impair_live *live, const char *why)
{
	struct gate *g;

	while ((g = TAILQ_FIRST(&live->gates)))
		gate_detach(g, why);
	session_records_forget(&run->records, live);
	free_live(live);
}

struct impair_run *impair_run_get(struct impairment_set *s, const struct env *env)
{
	struct impair_run *run = s->run;

	if (run)
		return run;
	run = s->run = xcalloc(1, sizeof(*run));
	run->set = s;
	run->env = *env;
	run->env.seed += s->alone.draw.proxy;
	run->timer.fn = timer_cb;
	run->timer.arg = run;
	set_share_begin(s, env->journal, env->log);
	session_records_init(&run->records, s->share);
	for (size_t i = 0; i < s->n; i++)
		impair_run_add(run, &s->inst[i]);
	impair_run_arm(run);
	return run;
}

void impair_run_free(struct impair_run *run)
{
	struct impairment_set *s = run->set;

	session_records_fini(&run->records);
	for (size_t i = 0; i < s->n; i++)
		free_live(s->inst[i].live);
	timer_cancel(run->env.timers, &run->timer);
	free(run);
	s->run = NULL;
}

/* Finds the gate of the stage before which the instance's belongs: the first one of the instances
 * behind it in the set. f: the flow, on the stream plane. */
static const struct gate *find_successor(const struct impair_live *live,
					 const struct attachment *att, const struct flow *f)
{
	const struct gate *g, *next = NULL;

	TAILQ_FOREACH_REVERSE(g, &att->gates, gate_list, of_attachment)
	{
		if (g->live->inst <= live->inst)
			break;
		if (g->pkt || g->stage->flow == f)
			next = g;
	}
	return next;
}

static bool acts_on_leg(const struct impair_inst *inst, const struct pkt_conn *c, enum dir dir)
{
	switch ((enum impair_leg)inst->leg) {
	case IMPAIR_LEG_CLIENT:
		return c->leg == LEG_CLIENT;
	case IMPAIR_LEG_SERVER:
		return c->leg == LEG_SERVER;
	case IMPAIR_LEG_RECEIVING:
		return c->leg == (dir == DIR_DOWNSTREAM ? LEG_SERVER : LEG_CLIENT);
	case IMPAIR_LEG_SENDING:
		return c->leg == (dir == DIR_DOWNSTREAM ? LEG_CLIENT : LEG_SERVER);
	case IMPAIR_LEG_BOTH:
		break;
	}
	return true;
}

/* Returns the flow of the bytes that the impairment is about, or NULL when there is none. */
static struct flow *flow_for(const struct impairment *type, struct session *s, enum dir dir)
{
	return type->tls == IMPAIR_TLS_RECORDS ? session_records(s, dir) : &s->flow[dir];
}

static void attach_stage(struct impair_live *live, struct attachment *att, enum dir dir)
{
	const struct impairment *type = live->inst->type;
	struct flow *f = att->session && type->stream ? flow_for(type, att->session, dir) : NULL;
	const struct gate *next = find_successor(live, att, f);

	if (f)
		gate_stream_attach(live, att, f,
				   next ? next->stage : http1_tap_stage(att->record, f));
	else if (att->conn && type->packet &&
		 (att->conn->forwarded || acts_on_leg(live->inst, att->conn, dir)))
		gate_packet_attach(live, att, dir, next ? next->pkt : NULL);
}

void impair_run_attach(struct impair_live *live, struct attachment *att, bool before)
{
	if (!impair_proxy_concerns(att->proxy, live->inst, &att->record->client) ||
	    !impair_inst_meets(live->inst, att->record->number))
		return;
	session_record_count(att->record, live, before);
	for (enum dir dir = 0; dir < DIR_COUNT; dir++)
		if (impair_inst_concerns(live->inst, dir))
			attach_stage(live, att, dir);
}

void impair_run_detach(struct attachment *att)
{
	struct gate *g;

	while ((g = TAILQ_FIRST(&att->gates))) {
		/* A flow's stage is freed later, and may have something to say then; a
		 * connection's has been freed. */
		if (g->stage)
			g->stage->gate = NULL;
		gate_free(g);
	}
	session_record_detach(att);
}

void impair_run_learnt(struct session_record *rec)
{
	struct attachment *att;
	struct gate *g;

	TAILQ_FOREACH (att, &rec->attachments, entry)
		TAILQ_FOREACH (g, &att->gates, of_attachment)
			gate_match(g);
}

bool impair_run_wants_requests(const struct impair_run *run)
{
	const struct impairment_set *s = run->set;

	for (size_t i = 0; i < s->n; i++)
		if (s->inst[i].type->stream &&
		    framing_reads_http1((enum framing_kind)s->inst[i].when.framing) &&
		    s->inst[i].direction != IMPAIR_UPSTREAM)
			return true;
	return false;
}

bool impair_run_wants_sni(const struct impair_run *run)
{
	const struct impairment_set *s = run->set;

	for (size_t i = 0; i < s->n; i++)
		if (s->inst[i].live && s->inst[i].live->trigger.match.sni)
			return true;
	return false;
}

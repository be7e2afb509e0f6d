/* pkt_stage.c - a packet goes as far as the stages let it, in one loop; a released one goes on from
 * the stage that held it. What is outside the chain is the host's. */
#include "proxy/packet/pkt_stage.h"

#include "proxy/base/mem.h"

#include <jansson.h>
#include <stdarg.h>

static void timer_cb(void *arg, int64_t now)
{
	struct pkt_stage *st = arg;

	st->ops->timer(st, now);
}

static void link_before(struct pkt_conn *c, struct pkt_stage *st, struct pkt_stage *before)
{
	struct pkt_stage *last = NULL;

	for (struct pkt_stage *at = c->first; at != before; at = at->next)
		last = at;
	st->next = before;
	if (last)
		last->next = st;
	else
		c->first = st;
	if (!before)
		c->last = st;
}

struct pkt_stage *pkt_stage_attach_before(struct pkt_conn *c, struct pkt_stage *before,
					  const struct pkt_ops *ops, const void *cfg,
					  enum dir data_dir, const char *name, unsigned index)
{
	struct pkt_stage *st = xcalloc(1, sizeof(*st) + ops->state_size);

	st->ops = ops;
	st->conn = c;
	st->cfg = cfg;
	st->name = name;
	st->index = index;
	st->dir = data_dir;
	st->rng = rng_make(c->env->seed, index, c->session);
	st->timer.fn = timer_cb;
	st->timer.sharp = true;
	st->timer.arg = st;
	link_before(c, st, before);
	return st;
}

struct pkt_stage *pkt_stage_attach(struct pkt_conn *c, const struct pkt_ops *ops, const void *cfg,
				   enum dir data_dir, const char *name, unsigned index)
{
	return pkt_stage_attach_before(c, NULL, ops, cfg, data_dir, name, index);
}

static bool awaits_answer(const struct pkt_stage *st)
{
	return st->ops->awaits && st->ops->awaits(st);
}

void pkt_stage_close_window(struct pkt_stage *st)
{
	if (!st->active || !st->ops->lingers || !(st->held || awaits_answer(st))) {
		pkt_stage_set_active(st, false);
		return;
	}
	st->outside = true;
	st->behind = 0;
}

/* All that came inside the window has left: what came later needn't wait any more. */
static void end_lingering(struct pkt_stage *st)
{
	if (st->outside && st->held <= st->behind && !awaits_answer(st))
		pkt_stage_set_active(st, false);
}

void pkt_stage_set_active(struct pkt_stage *st, bool active)
{
	st->outside = false;
	if (st->active == active)
		return;
	st->active = active;
	if (active) {
		st->ops->open(st);
		return;
	}
	st->ops->drain(st);
	pkt_stage_disarm(st);
	BUG_ON(st->held);
}

void pkt_stage_update(struct pkt_stage *st, const void *cfg)
{
	st->cfg = cfg;
	if (st->active)
		st->ops->update(st);
}

void pkt_chain_replaced(const struct pkt_conn *c)
{
	for (struct pkt_stage *st = c->first; st; st = st->next)
		if (st->ops->replaced)
			st->ops->replaced(st);
}

void pkt_stage_detach(struct pkt_stage *st)
{
	struct pkt_conn *c = st->conn;
	struct pkt_stage **link = &c->first, *before = NULL;

	pkt_stage_set_active(st, false);
	st->ops->close(st);
	for (; *link != st; link = &(*link)->next)
		before = *link;
	*link = st->next;
	if (c->last == st)
		c->last = before;
	free(st);
}

enum pkt_copy pkt_ops_copy(const struct pkt_ops *ops)
{
	if (!ops->headers_only)
		return PKT_COPY_WHOLE;
	return ops->speaks_in ? PKT_COPY_MTU : PKT_COPY_HEADERS;
}

enum dir pkt_as_receiver(const struct pkt_stage *st)
{
	return dir_reverse(st->dir);
}

enum dir pkt_as_sender(const struct pkt_stage *st)
{
	return st->dir;
}

enum dir pkt_as_server(const struct pkt_stage *st)
{
	(void)st;
	return DIR_DOWNSTREAM;
}

bool pkt_stage_speaks(const struct pkt_stage *st, const struct pkt *p)
{
	return st->ops->speaks_in && p->dir == st->ops->speaks_in(st);
}

struct ip_marks pkt_conn_marks_socketless(const struct pkt_conn *c, enum dir dir)
{
	return pkt_sender_marks_socketless(&c->sender[dir], c->unknown);
}

struct ip_marks pkt_conn_marks_stray(const struct pkt_conn *c, enum dir dir)
{
	return pkt_sender_marks_stray(&c->sender[dir], c->unknown);
}

struct ip_marks pkt_conn_marks(const struct pkt_conn *c, enum dir dir)
{
	return pkt_sender_marks(&c->sender[dir], c->unknown);
}

void pkt_chain_free(struct pkt_conn *c)
{
	for (struct pkt_stage *st = c->first, *next; st; st = next) {
		next = st->next;
		pkt_stage_detach(st);
	}
}

static enum pkt_action act_on_packet(struct pkt_stage *st, struct pkt *p)
{
	if (st->gate)
		st->gate->before(st, p);
	if (st->active)
		return st->ops->packet(st, p);
	return st->ops->idle ? st->ops->idle(st, p) : PKT_PASS;
}

static enum pkt_action admit_packet(struct pkt_stage *st, struct pkt *p)
{
	bool before = p->modified;
	enum pkt_action action;

	p->modified = false;
	action = act_on_packet(st, p);
	if (action != PKT_PASS || p->modified)
		pkt_stage_acted(st);
	if (action != PKT_HELD)
		end_lingering(st);
	p->modified |= before;
	if (!pkt_stage_speaks(st, p))
		return action;
	pkt_marks_come(&st->marks, p); /* behind what the stage has let go before it */
	if (action == PKT_PASS)
		pkt_marks_pass(&st->marks, p);
	else if (action == PKT_HELD)
		pkt_marks_hold(&st->marks, p);
	else
		pkt_marks_drop(&st->marks, p);
	return action;
}

/* As far as it gets: to the chain's end, or to the stage that drops or holds it. */
static void pass_stages(struct pkt_stage *st, struct pkt *p)
{
	const struct pkt_host_ops *host = p->conn->host;

	for (; st; st = st->next) {
		switch (admit_packet(st, p)) {
		case PKT_PASS:
			break;
		case PKT_DROP:
			host->verdict(p, false);
			return;
		case PKT_HELD:
			p->holder = st;
			p->held_at = pkt_stage_now(st);
			st->held++;
			st->behind += st->outside;
			host->held(p->conn, 1);
			return;
		}
	}
	host->passed_all(p);
}

void pkt_chain_run(struct pkt_stage *st, struct pkt *p)
{
	pass_stages(st, p);
	for (; st; st = st->next)
		if (st->gate)
			st->gate->after(st);
}

static void unhold_packet(struct pkt_stage *st, struct pkt *p)
{
	BUG_ON(p->holder != st);
	p->holder = NULL;
	p->next = NULL;
	st->held--;
	st->conn->host->held(st->conn, -1);
}

void pkt_release(struct pkt_stage *st, struct pkt *p)
{
	int64_t now = pkt_stage_now(st);

	unhold_packet(st, p);
	if (pkt_stage_speaks(st, p))
		pkt_marks_release(&st->marks, p, now - p->late);
	else
		p->late += now - p->held_at;
	p->came = now;
	pkt_chain_run(st->next, p);
	end_lingering(st);
}

void pkt_drop(struct pkt_stage *st, struct pkt *p)
{
	unhold_packet(st, p);
	st->conn->host->verdict(p, false);
	end_lingering(st);
}

void pkt_inject(struct pkt_conn *c, const uint8_t *data, size_t len)
{
	const struct addr *own = c->leg == LEG_CLIENT ? &c->server : &c->client;
	struct tcp_view v;

	c->host->inject(c, data, len,
			!c->forwarded && tcp_view_parse(&v, data, len) && addr_equal(&v.dst, own));
}

int64_t pkt_stage_now(const struct pkt_stage *st)
{
	return clock_now(st->conn->env->clock);
}

void pkt_stage_arm(struct pkt_stage *st, int64_t due)
{
	timer_arm(st->conn->env->timers, &st->timer, due);
}

void pkt_stage_disarm(struct pkt_stage *st)
{
	timer_cancel(st->conn->env->timers, &st->timer);
}

void pkt_stage_acted(struct pkt_stage *st)
{
	if (st->acted)
		return;
	st->acted = true;
	if (st->gate && st->gate->acted)
		st->gate->acted(st);
}

static void write_line(struct pkt_stage *st, const char *event, const char *fmt, va_list ap)
{
	const struct pkt_conn *c = st->conn;

	if (!journal_is_read(c->env->journal))
		return;
	journal_vevent(c->env->journal, event,
		       json_pack("{s:s, s:I, s:s, s:s}", "stage", st->name, "session",
				 (json_int_t)c->session, "leg",
				 c->forwarded ? "forwarded" : leg_name(c->leg), "direction",
				 dir_name(st->dir)),
		       fmt, ap);
}

void pkt_stage_note(struct pkt_stage *st, const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(st, event, fmt, ap);
	va_end(ap);
}

void pkt_stage_event(struct pkt_stage *st, const char *event, const char *fmt, ...)
{
	va_list ap;

	pkt_stage_acted(st);
	va_start(ap, fmt);
	write_line(st, event, fmt, ap);
	va_end(ap);
}

void pkt_default_open(struct pkt_stage *st)
{
	(void)st;
}

enum pkt_action pkt_default_packet(struct pkt_stage *st, struct pkt *p)
{
	(void)st;
	(void)p;
	return PKT_PASS;
}

void pkt_default_timer(struct pkt_stage *st, int64_t now)
{
	(void)st;
	(void)now;
}

void pkt_default_update(struct pkt_stage *st)
{
	(void)st;
}

void pkt_default_drain(struct pkt_stage *st)
{
	(void)st;
}

void pkt_default_close(struct pkt_stage *st)
{
	(void)st;
}

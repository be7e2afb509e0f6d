/* set_hooks.c - attaches a set's instances to the sessions and connections that the planes open. */
#include "impairments/set.h"

#include "proxy/base/mem.h"

static bool concerns(const struct impair_inst *inst, enum dir dir)
{
	return inst->direction == IMPAIR_BOTH ||
	       inst->direction == (dir == DIR_UPSTREAM ? IMPAIR_UPSTREAM : IMPAIR_DOWNSTREAM);
}

/* The rng's stage number: each flow, on each leg, has a stage of its own. */
static unsigned stage_number(const struct impair_inst *inst, enum leg leg, enum dir dir)
{
	return inst->index * LEG_COUNT * DIR_COUNT + (unsigned)leg * DIR_COUNT + (unsigned)dir;
}

static void *shared_state(struct impair_inst *inst, const struct env *env)
{
	if (!inst->type->shared_size || inst->shared)
		return inst->shared;
	inst->shared = xcalloc(1, inst->type->shared_size);
	if (inst->type->shared_init)
		inst->type->shared_init(inst->shared, env, inst->cfg);
	return inst->shared;
}

static void attach_stage(struct impair_inst *inst, struct flow *f)
{
	struct stage *st = stage_attach(f, inst->type->stream, inst->cfg, inst->name,
					stage_number(inst, LEG_CLIENT, f->dir));

	st->shared = shared_state(inst, f->env);
	stage_set_active(st, true);
}

static void session_open(void *arg, struct session *session)
{
	const struct impairment_set *s = arg;

	for (size_t i = 0; i < s->n; i++)
		for (enum dir dir = 0; dir < DIR_COUNT && s->inst[i].type->stream; dir++)
			if (concerns(&s->inst[i], dir))
				attach_stage(&s->inst[i], &session->flow[dir]);
}

static bool on_leg(const struct impair_inst *inst, const struct pkt_conn *c, enum dir dir)
{
	switch ((enum impair_leg)inst->leg) {
	case IMPAIR_LEG_CLIENT:
		return c->leg == LEG_CLIENT;
	case IMPAIR_LEG_SERVER:
		return c->leg == LEG_SERVER;
	case IMPAIR_LEG_RECEIVING:
		return c->leg == (dir == DIR_DOWNSTREAM ? LEG_SERVER : LEG_CLIENT);
	case IMPAIR_LEG_BOTH:
		break;
	}
	return true;
}

static void attach_pkt_stage(struct impair_inst *inst, struct pkt_conn *c, enum dir dir)
{
	struct pkt_stage *st = pkt_stage_attach(c, inst->type->packet, inst->cfg, dir, inst->name,
						stage_number(inst, c->leg, dir));

	st->shared = shared_state(inst, c->env);
	pkt_stage_set_active(st, true);
}

static void conn_open(void *arg, struct pkt_conn *c)
{
	const struct impairment_set *s = arg;

	for (size_t i = 0; i < s->n; i++)
		for (enum dir dir = 0; dir < DIR_COUNT && s->inst[i].type->packet; dir++)
			if (concerns(&s->inst[i], dir) &&
			    (c->forwarded || on_leg(&s->inst[i], c, dir)))
				attach_pkt_stage(&s->inst[i], c, dir);
}

/* The smallest that an instance asks for on the leg whose bytes it acts on. */
static size_t rcvbuf(const struct impairment_set *s, enum dir dir)
{
	size_t least = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];
		size_t n =
		    inst->type->rcvbuf && concerns(inst, dir) ? inst->type->rcvbuf(inst->cfg) : 0;

		if (n && (!least || n < least))
			least = n;
	}
	return least;
}

struct session_hooks impairment_set_session_hooks(struct impairment_set *s)
{
	return (struct session_hooks){
	    .rcvbuf =
		{[LEG_CLIENT] = rcvbuf(s, DIR_UPSTREAM), [LEG_SERVER] = rcvbuf(s, DIR_DOWNSTREAM)},
	    .open = session_open,
	    .arg = s};
}

static bool headers_suffice(const struct impairment_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->inst[i].type->packet && !s->inst[i].type->packet->headers_only)
			return false;
	return true;
}

struct pkt_hooks impairment_set_pkt_hooks(struct impairment_set *s)
{
	return (struct pkt_hooks){.open = conn_open, .headers_only = headers_suffice(s), .arg = s};
}

bool impairment_set_needs_packets(const struct impairment_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->inst[i].type->packet)
			return true;
	return false;
}

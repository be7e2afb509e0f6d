/* set_hooks.c - attaches a set's instances to the sessions and connections that the planes open. */
#include "impairments/set.h"

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

static void session_open(void *arg, struct session *session)
{
	const struct impairment_set *s = arg;

	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];

		for (enum dir dir = 0; dir < DIR_COUNT && inst->type->stream; dir++)
			if (concerns(inst, dir))
				stage_set_active(
				    stage_attach(&session->flow[dir], inst->type->stream, inst->cfg,
						 inst->name, stage_number(inst, LEG_CLIENT, dir)),
				    true);
	}
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

static void conn_open(void *arg, struct pkt_conn *c)
{
	const struct impairment_set *s = arg;

	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];

		for (enum dir dir = 0; dir < DIR_COUNT && inst->type->packet; dir++)
			if (concerns(inst, dir) && (c->forwarded || on_leg(inst, c, dir)))
				pkt_stage_set_active(
				    pkt_stage_attach(c, inst->type->packet, inst->cfg, dir,
						     inst->name, stage_number(inst, c->leg, dir)),
				    true);
	}
}

struct session_hooks impairment_set_session_hooks(struct impairment_set *s)
{
	return (struct session_hooks){.open = session_open, .arg = s};
}

struct pkt_hooks impairment_set_pkt_hooks(struct impairment_set *s)
{
	return (struct pkt_hooks){.open = conn_open, .arg = s};
}

bool impairment_set_needs_packets(const struct impairment_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->inst[i].type->packet)
			return true;
	return false;
}

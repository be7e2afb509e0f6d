/* gate_packet.c - counts a packet once it has left the stage. The bytes of a segment that is sent
 * again don't count again. */
#include "impairments/live/gate_packet.h"

static uint32_t data_begin(const struct tcp_view *v)
{
	return v->seq + (v->flags & TCP_SYN ? 1 : 0);
}

static void gate_before(struct pkt_stage *st, const struct pkt *p)
{
	struct gate *g = st->owner;
	uint32_t begin = data_begin(&p->tcp), end = begin + p->tcp.payload_len;

	if (p->dir != g->dir)
		return;
	gate_settle(g);
	g->coming = true;
	g->coming_new = 0;
	if (p->tcp.flags & TCP_RST)
		return;
	if (!g->next_known || p->tcp.flags & TCP_SYN)
		g->next = begin;
	g->next_known = true;
	if (seq_diff(end, g->next) <= 0)
		return;
	g->coming_new = (uint64_t)seq_diff(end, g->next);
	g->next = end;
}

static void gate_after(struct pkt_stage *st)
{
	struct gate *g = st->owner;

	if (!g->coming)
		return;
	g->coming = false;
	g->pos.at[UNIT_PACKETS]++;
	g->pos.at[UNIT_BYTES] += g->coming_new;
	gate_settle(g);
}

static void stage_has_acted(struct pkt_stage *st)
{
	gate_acted(st->owner);
}

static const struct pkt_gate gate_ops = {
    .before = gate_before, .after = gate_after, .acted = stage_has_acted};

/* Takes over what the connection has seen before the gate came. */
static void catch_up(struct gate *g, const struct pkt_half *half)
{
	g->pos.at[UNIT_PACKETS] = half->packets;
	g->pos.at[UNIT_BYTES] = half->bytes;
	g->next_known = half->seen;
	g->next = half->next;
}

void gate_packet_attach(struct impair_live *live, struct attachment *att, enum dir dir,
			struct pkt_stage *next)
{
	const struct impair_inst *inst = live->inst;
	struct gate *g = gate_new(live, att, dir);

	g->pkt =
	    pkt_stage_attach_before(att->conn, next, inst->type->packet, inst->cfg, dir, inst->name,
				    impair_inst_pkt_stage_number(inst, att->conn->leg, dir));
	g->pkt->owner = g;
	g->pkt->gate = &gate_ops;
	impair_live_place_rng(live, att->record->draw, &g->pkt->rng);
	g->pkt->shared = live->shared;
	catch_up(g, &att->conn->half[dir]);
	gate_start(g);
}

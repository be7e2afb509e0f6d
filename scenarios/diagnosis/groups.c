/* groups.c - a connection is opened once and closed once, for its server; judged when it is over.
 */
#include "scenarios/diagnosis/groups.h"

#include "scenarios/diagnosis/rules_whole.h"

/* Services beyond the most that are told apart are one, which is no group of connections. */
static bool is_group(const struct service *x)
{
	return addr_port(&x->server) != 0;
}

static void tell_service(struct groups *g, struct member *m, const struct connection *c)
{
	if (!m->opened && !m->outline.end.at && (c->wire.handshake_ack || c->wire.midstream)) {
		m->opened = true;
		service_life_open(&m->service->life);
	}
	if (m->opened && !m->closed && m->outline.end.at) {
		m->closed = true;
		service_life_close(&m->service->life, c, &m->outline, &g->findings);
	}
}

void groups_take_segment(struct groups *g, struct member *m, const struct connection *c,
			 const struct segment *s)
{
	outline_take_segment(&m->outline, c, s);
	hung_requests_take_segment(&m->service->hung, &m->waiter, s);
	if (!is_group(m->service))
		return;
	tell_service(g, m, c);
	rate_loss_take_ack(&m->losses[dir_reverse(s->dir)], s);
	rate_loss_take_segment(&m->losses[s->dir], c, s);
	limits_take_segment(&m->service->life.limits, &m->try, c, &m->outline, s);
	accepted_syns_take_segment(&m->service->life.accepted, &m->passed_over, c, s);
}

struct finding *groups_end_connection(struct groups *g, struct member *m,
				      const struct connection *c, const struct records *answers,
				      int64_t end)
{
	struct found found;

	for (int d = 0; d < DIR_COUNT && !c->wire.unreliable; d++)
		rate_loss_merge(&m->service->life.losses[d], &m->losses[d]);
	hung_requests_forget(&m->service->hung, &m->waiter);
	m->service->counts.passed_over += is_passed_over(m->passed_over, c);
	m->service->counts.requests_dropped += is_request_dropped(c, &m->outline);
	limits_end_connection(&m->service->life.limits, &m->try, c, &m->outline);
	if (m->opened && !m->closed)
		service_life_close(&m->service->life, c, &m->outline, &g->findings);
	if (!judge_whole_connection(c, &m->outline, answers, end, &found))
		return NULL;
	if (found.kind == FINDING_REFUSED && is_group(m->service))
		found.value = service_life_refuse(&m->service->life, c, &m->outline);
	return findings_add(&g->findings, &found);
}

void groups_finish(struct groups *g, struct services *services)
{
	for (size_t i = 0; i < services->n; i++) {
		struct service *x = services->list[i];

		if (is_group(x))
			service_life_finish(&x->life, &x->server, x->counts.connections,
					    &g->findings);
	}
}

void groups_fini(struct groups *g)
{
	findings_fini(&g->findings);
}

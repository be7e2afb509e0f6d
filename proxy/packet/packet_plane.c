/* packet_plane.c - the packet plane as one thing to switch on: queue, rules, guard and connections, on
 * the caller's loop. */
#include "proxy/packet/packet_plane.h"

#include "proxy/base/mem.h"
#include "proxy/packet/nfq.h"
#include "proxy/netfilter/queue_rules.h"

enum {
	QUEUE_PACKETS = 1 << 18
}; /* a bound, not memory: one that is reached makes the run invalid */

struct pkt_side {
	struct nfq *queue;
	struct pkt_plane *plane;
	struct rules *rules;
};

static bool headers_suffice(const struct pkt_select *select, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!select[i].hooks.headers_only)
			return false;
	return true;
}

struct pkt_side *pkt_side_new(struct loop *loop, const struct pkt_side_config *config,
			      struct err *e)
{
	struct pkt_side *ps = xcalloc(1, sizeof(*ps));
	unsigned packets = config->queue_packets ? config->queue_packets : QUEUE_PACKETS;

	ps->queue = nfq_new(packets, headers_suffice(config->select, config->nselect), e);
	if (!ps->queue)
		goto fail;
	ps->plane =
	    pkt_plane_new(config->env, config->select, config->nselect, &nfq_ops, ps->queue);
	pkt_plane_numbered(ps->plane, config->sessions);
	if (nfq_start(ps->queue, loop, ps->plane, e) == -1)
		goto fail;
	ps->rules = rules_new(config->select, config->nselect, nfq_number(ps->queue), e);
	if (!ps->rules)
		goto fail;
	return ps;
fail:
	err_wrap(e, "packet plane");
	pkt_side_free(ps, NULL);
	return NULL;
}

int pkt_side_select(struct pkt_side *ps, const struct pkt_select *select, size_t nselect,
		    struct err *e)
{
	bool headers = headers_suffice(select, nselect);

	if (rules_change(ps->rules, select, nselect, nfq_number(ps->queue), e) == -1)
		return err_wrap(e, "packet plane");
	nfq_headers_only(ps->queue, headers);
	pkt_plane_select(ps->plane, select, nselect);
	return 0;
}

void pkt_side_adopt(struct pkt_side *ps, const struct addr *client, const struct addr *local,
		    uint64_t number)
{
	pkt_plane_adopt(ps->plane, client, local, number);
}

void pkt_side_free(struct pkt_side *ps, struct pkt_stats *last)
{
	if (!ps)
		return;
	if (ps->plane) {
		nfq_read_all(ps->queue);
		pkt_plane_let_go(ps->plane);
	}
	rules_free(ps->rules);
	if (ps->plane)
		nfq_read_all(ps->queue);
	pkt_plane_free(ps->plane, last);
	if (last && ps->plane)
		nfq_stats(ps->queue, last);
	nfq_free(ps->queue);
	free(ps);
}

uint64_t pkt_side_number(struct pkt_side *ps, const struct addr *client, const struct addr *local,
			 void **asker)
{
	return pkt_plane_session_number(ps->plane, client, local, asker);
}

void pkt_side_stats(const struct pkt_side *ps, struct pkt_stats *out)
{
	pkt_plane_stats(ps->plane, out);
	nfq_stats(ps->queue, out);
}

const char *pkt_side_backend(const struct pkt_side *ps)
{
	return rules_backend(ps->rules);
}

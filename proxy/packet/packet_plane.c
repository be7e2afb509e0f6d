/* packet_plane.c - the queue is read before the first rule is set, and until nothing can come any
 * more. */
#include "proxy/packet/packet_plane.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/queue_rules.h"
#include "proxy/packet/nfq.h"

#include <unistd.h>

enum {
	QUEUE_PACKETS = 1 << 18, /* a bound, not memory: a run that reaches it is invalid */
	LAST_PACKETS_US = 1000	 /* another processor may be in the old rules still */
};

struct packet_plane {
	struct nfq *queue;
	struct pkt_tracker *tracker;
	struct queue_rules *rules;
};

static enum pkt_copy copy_for_all(const struct pkt_select *select, size_t n)
{
	enum pkt_copy copy = PKT_COPY_HEADERS;

	for (size_t i = 0; i < n; i++)
		if (select[i].hooks.copy < copy)
			copy = select[i].hooks.copy;
	return copy;
}

/* Returns the part of each selection that rules are made of; the caller frees. */
static struct queue_select *copy_matches(const struct pkt_select *select, size_t n)
{
	struct queue_select *match = xcalloc(n + 1, sizeof(*match));

	for (size_t i = 0; i < n; i++)
		match[i] = select[i].match;
	return match;
}

static struct queue_rules *make_rules(const struct packet_plane *pp,
				      const struct packet_plane_config *config, struct err *e)
{
	struct queue_select *match = copy_matches(config->select, config->nselect);
	struct queue_rules *rules =
	    queue_rules_new(match, config->nselect, nfq_number(pp->queue), e);

	free(match);
	return rules;
}

static int change_rules(const struct packet_plane *pp, const struct pkt_select *select, size_t n,
			struct err *e)
{
	struct queue_select *match = copy_matches(select, n);
	int rc = queue_rules_change(pp->rules, match, n, nfq_number(pp->queue), e);

	free(match);
	return rc;
}

struct packet_plane *packet_plane_new(struct loop *loop, const struct packet_plane_config *config,
				      struct err *e)
{
	struct packet_plane *pp = xcalloc(1, sizeof(*pp));
	unsigned packets = config->queue_packets ? config->queue_packets : QUEUE_PACKETS;

	pp->queue = nfq_new(packets, copy_for_all(config->select, config->nselect), e);
	if (!pp->queue)
		goto fail;
	pp->tracker =
	    pkt_tracker_new(config->env, config->select, config->nselect, &nfq_ops, pp->queue);
	pkt_tracker_count_in(pp->tracker, config->numbers);
	if (nfq_start(pp->queue, loop, pp->tracker, e) == -1)
		goto fail;
	pp->rules = make_rules(pp, config, e);
	if (!pp->rules)
		goto fail;
	return pp;
fail:
	err_wrap(e, "packet plane");
	packet_plane_free(pp, NULL);
	return NULL;
}

int packet_plane_select(struct packet_plane *pp, const struct pkt_select *select, size_t nselect,
			struct err *e)
{
	enum pkt_copy copy = copy_for_all(select, nselect);

	if (change_rules(pp, select, nselect, e) == -1)
		return err_wrap(e, "packet plane");
	nfq_copy(pp->queue, copy);
	pkt_tracker_select(pp->tracker, select, nselect);
	return 0;
}

void packet_plane_adopt(struct packet_plane *pp, const struct addr *client,
			const struct addr *local, uint64_t number)
{
	pkt_tracker_adopt(pp->tracker, client, local, number);
}

void packet_plane_tell(const struct packet_plane *pp)
{
	pkt_tracker_tell(pp->tracker);
}

void packet_plane_let_go(struct packet_plane *pp)
{
	nfq_read_all(pp->queue);
	pkt_tracker_let_go(pp->tracker);
}

/* When a chain leaves its hook the kernel drops what waits in any queue of this network namespace
 * (nf_unregister_net_hook), and refuses verdicts on it: so first the chains lose their rules, and
 * what these have queued gets its verdict. */
static void empty_queue(struct packet_plane *pp)
{
	struct err ignored;

	if (pp->rules && change_rules(pp, NULL, 0, &ignored) == 0)
		usleep(LAST_PACKETS_US);
	packet_plane_let_go(pp);
}

void packet_plane_free(struct packet_plane *pp, struct pkt_stats *last)
{
	if (!pp)
		return;
	if (pp->tracker) {
		packet_plane_let_go(pp);
		empty_queue(pp);
	}
	queue_rules_free(pp->rules);
	pkt_tracker_free(pp->tracker, last);
	if (last && pp->tracker)
		nfq_stats(pp->queue, last);
	nfq_free(pp->queue);
	free(pp);
}

uint64_t packet_plane_number(struct packet_plane *pp, const struct addr *client,
			     const struct addr *local, void **pending)
{
	return pkt_tracker_session_number(pp->tracker, client, local, pending);
}

void packet_plane_stats(const struct packet_plane *pp, struct pkt_stats *out)
{
	pkt_tracker_stats(pp->tracker, out);
	nfq_stats(pp->queue, out);
}

const char *packet_plane_backend(const struct packet_plane *pp)
{
	return queue_rules_backend(pp->rules);
}

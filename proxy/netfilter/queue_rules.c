/* queue_rules.c - sends the selected packets to a queue: nftables where the kernel has its queue
 * statement, else xtables, chosen by trying. Nothing of it outlives this process. */
#include "proxy/netfilter/queue_rules.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/guard.h"
#include "proxy/netfilter/nft_table.h"
#include "proxy/netfilter/queue_text.h"
#include "proxy/netfilter/rule_id.h"
#include "proxy/netfilter/xtables.h"

#include <string.h>
#include <unistd.h>

struct queue_rules {
	char id[RULE_ID_BYTES];
	int alive; /* keeps the id */
	struct nft_table *nft;
	const struct xtables *x;
	unsigned jumps[2]; /* enum queue_chains, of IPv4 and IPv6 */
	struct guard *guard;
	const char *backend;
};

static void remove_mine(void *arg)
{
	struct queue_rules *r = arg;

	xtables_remove(r->x, xtables_packet_tables, xtables_is_id, r->id);
}

static char *xtables_text(const void *arg, int family, unsigned *jumps)
{
	return queue_text_xtables(arg, family, jumps);
}

/* The guard comes first: from the first rule on there is somebody to remove it. */
static int try_xtables(struct queue_rules *r, const struct xtables *x,
		       const struct queue_text *text, struct err *e)
{
	r->x = x;
	r->guard = guard_new(NULL, remove_mine, r, e);
	if (!r->guard)
		return -1;
	if (xtables_restore_both(x, xtables_text, text, r->jumps, e) == 0) {
		r->backend = xtables_is_legacy(x) ? "iptables NFQUEUE (legacy)"
						  : "iptables NFQUEUE (nf_tables)";
		return 0;
	}
	guard_end(r->guard);
	r->guard = NULL;
	memset(r->jumps, 0, sizeof(r->jumps));
	return -1;
}

struct queue_rules *queue_rules_new(const struct queue_select *select, size_t n, uint16_t queue,
				    struct err *e)
{
	struct queue_rules *r = xcalloc(1, sizeof(*r));
	const struct queue_text text = {.id = r->id, .select = select, .n = n, .queue = queue};
	struct err nft, first = {{0}}, later;

	r->alive = rule_id_take(r->id, e);
	if (r->alive == -1)
		goto fail;
	r->nft = nft_table_new(queue_text_nft(&text), &nft);
	if (r->nft) {
		r->backend = "nftables queue";
		return r;
	}
	for (const struct xtables *x = xtables_ways; x->v4; x++) {
		xtables_remove(x, xtables_packet_tables, rule_id_dead, NULL);
		if (try_xtables(r, x, &text, *first.text ? &later : &first) == 0)
			return r;
	}
	err_set(e, "no way to send packets to a queue: %.300s; %.300s", nft.text, first.text);
fail:
	queue_rules_free(r);
	return NULL;
}

int queue_rules_change(struct queue_rules *r, const struct queue_select *select, size_t n,
		       uint16_t queue, struct err *e)
{
	const struct queue_text text = {.id = r->id, .select = select, .n = n, .queue = queue};

	if (r->nft)
		return nft_table_change(r->nft, r->id, queue_text_nft(&text), e);
	return xtables_restore_both(r->x, xtables_text, &text, r->jumps, e);
}

void queue_rules_free(struct queue_rules *r)
{
	if (!r)
		return;
	nft_table_free(r->nft);
	guard_end(r->guard);
	if (r->alive != -1)
		close(r->alive);
	free(r);
}

const char *queue_rules_backend(const struct queue_rules *r)
{
	return r->backend;
}

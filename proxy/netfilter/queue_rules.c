/* queue_rules.c - the queue's rules as a ruleset: nothing but their texts is theirs. */
#include "proxy/netfilter/queue_rules.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/queue_text.h"
#include "proxy/netfilter/ruleset.h"

struct queue_rules {
	struct ruleset set;
};

static char *write_nft(const void *rules, unsigned zone)
{
	(void)zone;
	return queue_text_nft(rules);
}

static char *write_xtables(const void *rules, unsigned zone, int family, unsigned *jumps)
{
	(void)zone;
	return queue_text_xtables(rules, family, jumps);
}

static const struct ruleset_ops queue_ops = {
    .nft = "nftables queue",
    .nf_tables = "iptables NFQUEUE (nf_tables)",
    .legacy = "iptables NFQUEUE (legacy)",
    .no_way = "no way to send packets to a queue",
    .tables = xtables_packet_tables,
    .nft_text = write_nft,
    .xtables_text = write_xtables,
    .reserve = ruleset_default_try,
    .prepare = ruleset_default_try,
    .release = ruleset_default_note,
    .guard_begin = ruleset_default_begin,
    .guard_before = ruleset_default_note,
    .guard_after = ruleset_default_note,
};

struct queue_rules *queue_rules_new(const struct queue_select *select, size_t n, uint16_t queue,
				    struct err *e)
{
	struct queue_rules *r = xcalloc(1, sizeof(*r));
	const struct queue_text text = {.id = r->set.id, .select = select, .n = n, .queue = queue};

	if (ruleset_init(&r->set, &queue_ops, r, NULL, e) == 0 &&
	    ruleset_set(&r->set, &text, e) == 0)
		return r;
	queue_rules_free(r);
	return NULL;
}

int queue_rules_change(struct queue_rules *r, const struct queue_select *select, size_t n,
		       uint16_t queue, struct err *e)
{
	const struct queue_text text = {.id = r->set.id, .select = select, .n = n, .queue = queue};

	return ruleset_change(&r->set, &text, e);
}

void queue_rules_free(struct queue_rules *r)
{
	if (!r)
		return;
	ruleset_fini(&r->set);
	free(r);
}

const char *queue_rules_backend(const struct queue_rules *r)
{
	return ruleset_backend(&r->set);
}

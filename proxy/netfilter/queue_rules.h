/* queue_rules.h - the rules that send the selected packets to an NFQUEUE queue. They don't outlive
 * this process. Knows nobody who reads the queue. */
#ifndef WEDGE_NETFILTER_QUEUE_RULES_H
#define WEDGE_NETFILTER_QUEUE_RULES_H

#include "proxy/netfilter/queue_select.h"

struct queue_rules;

/* Sets the rules, by nftables where the kernel has the queue statement, else by xtables
 * (ruleset.h). NULL and one line in *e when no way works. */
struct queue_rules *queue_rules_new(const struct queue_select *select, size_t n, uint16_t queue,
				    struct err *e) WG_MUSTUSE;

/* Replaces the selection, in one step for each address family. -1: part of the rules may have
 * changed. */
int queue_rules_change(struct queue_rules *r, const struct queue_select *select, size_t n,
		       uint16_t queue, struct err *e) WG_MUSTUSE;

/* Removes the rules; NULL is fine. */
void queue_rules_free(struct queue_rules *r);

/* Returns the way that works: "nftables queue", "iptables NFQUEUE (nf_tables)" or "iptables NFQUEUE
 * (legacy)". */
const char *queue_rules_backend(const struct queue_rules *r);

#endif

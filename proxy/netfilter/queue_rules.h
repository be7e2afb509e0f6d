/* queue_rules.h - sends the selected packets to a queue: nftables where the kernel has its queue
 * statement, else xtables, chosen by trying. Nothing of it outlives this process. */
#ifndef WEDGE_NETFILTER_QUEUE_RULES_H
#define WEDGE_NETFILTER_QUEUE_RULES_H

#include "proxy/netfilter/queue_select.h"

struct queue_rules;

/* Also removes what wedges left behind whose guards died with them. NULL and one line in *e when no
 * way works. */
struct queue_rules *queue_rules_new(const struct queue_select *select, size_t n, uint16_t queue,
				    struct err *e) WG_MUSTUSE;

/* Another selection, in one step for each address family. -1: part of it may have changed. */
int queue_rules_change(struct queue_rules *r, const struct queue_select *select, size_t n,
		       uint16_t queue, struct err *e) WG_MUSTUSE;
void queue_rules_free(struct queue_rules *r);

/* "nftables queue", "iptables NFQUEUE (nf_tables)" or "iptables NFQUEUE (legacy)". */
const char *queue_rules_backend(const struct queue_rules *r);

#endif

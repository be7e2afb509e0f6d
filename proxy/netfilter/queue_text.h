/* queue_text.h - the rules that send the selected packets to the queue, as text: for nft and for
 * iptables. Runs nothing. */
#ifndef WEDGE_NETFILTER_QUEUE_TEXT_H
#define WEDGE_NETFILTER_QUEUE_TEXT_H

#include "proxy/netfilter/queue_select.h"

struct queue_text {
	const char *id; /* names the rules */
	const struct queue_select *select;
	size_t n;
	uint16_t queue; /* number of the NFQUEUE queue */
};

/* Returns table "inet wedge-ID" with "flags owner", as nft reads it; the caller frees. */
char *queue_text_nft(const struct queue_text *q);

/* Groups of chains: for the proxy's own sockets, and for forwarded packets. */
enum queue_chains { QUEUE_CHAINS_OWN = 1 << 0, QUEUE_CHAINS_FORWARDED = 1 << 1 };

/* Returns the chains "wedge-ID-..." of one address family, AF_INET or AF_INET6, as
 * iptables-restore or ip6tables-restore reads them; the caller frees. *chains has the groups that
 * are in the kernel with the jumps to them: those are emptied when no selection needs them, and get
 * no second jump. Those that the text makes are added. The text is "" when there is none. */
char *queue_text_xtables(const struct queue_text *q, int family, unsigned *chains);

#endif

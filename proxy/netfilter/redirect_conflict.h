/* redirect_conflict.h - finds rules of somebody else that already send elsewhere what a redirect is
 * to take. Changes no rules. */
#ifndef WEDGE_NETFILTER_REDIRECT_CONFLICT_H
#define WEDGE_NETFILTER_REDIRECT_CONFLICT_H

#include "proxy/netfilter/redirect_text.h"

/* Looks at all rules of this network namespace. -1: a rule for outgoing connections that isn't r's
 * own gives another destination to connections that r selects; *e quotes it. */
int redirect_conflict(struct redirect_rules *r, struct err *e) WG_MUSTUSE;

/* Looks at one listing, of nft or of iptables-save; writes to text. own_addresses: r also selects
 * connections to addresses of this host. -1 as above. */
int redirect_conflict_text(const struct redirect_rules *r, bool own_addresses, char *text,
			   struct err *e) WG_MUSTUSE;

#endif

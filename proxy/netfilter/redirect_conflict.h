/* redirect_conflict.h - whether somebody else's rules already send connections of this host
 * elsewhere that a redirect is to take. Only reads. */
#ifndef WEDGE_NETFILTER_REDIRECT_CONFLICT_H
#define WEDGE_NETFILTER_REDIRECT_CONFLICT_H

#include "proxy/netfilter/redirect_text.h"

/* -1: a rule for outgoing connections that isn't r's own gives some of those that r selects another
 * destination; *e says which. */
int redirect_conflict(struct redirect_rules *r, struct err *e) WG_MUSTUSE;

/* The same for one listing, of nft or of iptables-save; writes to text. own_addresses: what r
 * selects includes addresses of this host. */
int redirect_conflict_text(const struct redirect_rules *r, bool own_addresses, char *text,
			   struct err *e) WG_MUSTUSE;

#endif

/* tproxy_conflict.h - finds rules of somebody else that already take connections which a
 * transparent proxy is to take. Changes no rules. */
#ifndef WEDGE_NETFILTER_TPROXY_CONFLICT_H
#define WEDGE_NETFILTER_TPROXY_CONFLICT_H

#include "proxy/netfilter/tproxy_text.h"

/* Looks at all rules of this network namespace. -1: a TPROXY rule that isn't r's own could match a
 * connection that r selects; *e quotes it. */
int tproxy_conflict(struct tproxy_rules *r, struct err *e) WG_MUSTUSE;

/* Reads what one line of iptables-save or of nft's listing selects; conditions that it doesn't know
 * count as "every". false: the line takes no TCP connections by TPROXY. */
bool tproxy_conflict_line(const char *line, struct intercept_match *out);

#endif

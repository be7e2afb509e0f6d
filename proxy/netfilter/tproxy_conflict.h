/* tproxy_conflict.h - whether somebody else's rules already take connections that a transparent
 * proxy is to take. Only reads. */
#ifndef WEDGE_NETFILTER_TPROXY_CONFLICT_H
#define WEDGE_NETFILTER_TPROXY_CONFLICT_H

#include "proxy/netfilter/tproxy_text.h"

/* -1: a TPROXY rule that isn't r's own meets one of r's selections; *e says which. */
int tproxy_conflict(struct tproxy_rules *r, struct err *e) WG_MUSTUSE;

/* The selection of one line of iptables-save or of nft's listing, as far as it can be told; what
 * can't is "every". false: it takes no TCP connections by TPROXY. */
bool tproxy_conflict_line(const char *line, struct intercept_match *out);

#endif

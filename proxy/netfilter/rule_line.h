/* rule_line.h - reads one line of somebody's packet filter rules, as iptables-save or nft lists it:
 * what it matches and where it leads, as far as its words are known. Runs nothing. */
#ifndef WEDGE_NETFILTER_RULE_LINE_H
#define WEDGE_NETFILTER_RULE_LINE_H

#include "proxy/netfilter/intercept_match.h"

enum { RULE_JUMPS_MAX = 8, RULE_CHAIN_BYTES = 64 };

struct rule_line {
	struct intercept_match match;		     /* unknown conditions count as "every" */
	bool udp;				     /* it matches no TCP */
	bool local;				     /* it matches only addresses of this host */
	bool tproxy;				     /* it brings packets to a socket unchanged */
	bool nat;				     /* it gives them another destination */
	char jump[RULE_JUMPS_MAX][RULE_CHAIN_BYTES]; /* chains that it may lead to */
	size_t njumps;
};

/* Fills *out; a line that isn't a rule matches every connection and leads nowhere. */
void rule_line_read(const char *line, struct rule_line *out);

#endif

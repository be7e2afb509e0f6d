/* rule_line.h - one line of somebody's packet filter rules, as iptables-save or nft lists it: what
 * it matches and where it leads, as far as that can be told. Runs nothing. */
#ifndef WEDGE_NETFILTER_RULE_LINE_H
#define WEDGE_NETFILTER_RULE_LINE_H

#include "proxy/netfilter/intercept_match.h"

enum { RULE_JUMPS_MAX = 8, RULE_CHAIN_BYTES = 64 };

struct rule_line {
	struct intercept_match match;		     /* what can't be told is "every" */
	bool udp;				     /* no TCP connection is meant */
	bool local;				     /* only addresses of this host are */
	bool tproxy;				     /* it brings them to a socket as they are */
	bool nat;				     /* it gives them another destination */
	char jump[RULE_JUMPS_MAX][RULE_CHAIN_BYTES]; /* chains that it may lead to */
	size_t njumps;
};

void rule_line_read(const char *line, struct rule_line *out);

#endif

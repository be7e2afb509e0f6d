/* xtables.h - the selection as iptables and ip6tables rules: put in place whole, found again by
 * name, taken away exactly. Stateless: what is to be removed is read from the kernel. */
#ifndef WEDGE_PACKET_XTABLES_H
#define WEDGE_PACKET_XTABLES_H

#include "proxy/packet/plane.h"

/* One of the ways to reach xtables: the tools' names end in "-restore" and "-save". */
struct xtables {
	const char *v4, *v6;
};

/* The ways to try, in order; ends with a NULL v4. */
extern const struct xtables xtables_ways[];

/* Which chains there are, with the jumps to them, by address family. */
struct xtables_jumps {
	bool own[2], forwarded[2];
};

/* Makes the rules be these, in chains whose names begin with "wedge-ID-"; *jumps is zeroed before
 * the first time. Atomic in one address family and table; may leave part of them on failure. */
int xtables_set(const struct xtables *x, const char *id, struct xtables_jumps *jumps,
		const struct pkt_select *select, size_t n, uint16_t queue,
		struct err *e) WG_MUSTUSE;

/* Gives text to iptables-restore (AF_INET) or ip6tables-restore; what it doesn't name stays. */
int xtables_restore(const struct xtables *x, int family, const char *text,
		    struct err *e) WG_MUSTUSE;

/* Removes every chain "wedge-ID-..." for whose ID gone(arg, id) is true, and the jumps to it. */
void xtables_remove(const struct xtables *x, bool (*gone)(void *arg, const char *id), void *arg);

/* "iptables NFQUEUE (nf_tables)" or "iptables NFQUEUE (legacy)". */
const char *xtables_name(const struct xtables *x);

#endif

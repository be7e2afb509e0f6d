/* xtables.h - the selection as iptables and ip6tables rules: put in place whole, found again by
 * name, taken away exactly. Stateless: what is to be removed is read from the kernel. */
#ifndef WEDGE_NETFILTER_XTABLES_H
#define WEDGE_NETFILTER_XTABLES_H

#include "proxy/netfilter/queue_select.h"

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
		const struct queue_select *select, size_t n, uint16_t queue,
		struct err *e) WG_MUSTUSE;

/* For one address family, AF_INET or AF_INET6, and with the jumps to its chains when they aren't
 * there yet; the callee frees it. */
typedef char *(*xtables_text_fn)(void *arg, int family, bool jump);

/* Gives the text of each family that this host has to iptables-restore and ip6tables-restore;
 * jump[2], by family, is which jumps are there: zeroed before the first time. -1: those of one
 * family may be in place. */
int xtables_restore_both(const struct xtables *x, xtables_text_fn text, void *arg, bool jump[2],
			 struct err *e) WG_MUSTUSE;

/* Gives text to iptables-restore (AF_INET) or ip6tables-restore; what it doesn't name stays. */
int xtables_restore(const struct xtables *x, int family, const char *text,
		    struct err *e) WG_MUSTUSE;

/* Removes from these tables (the list ends with NULL) every chain "wedge-ID-..." for whose ID
 * gone(arg, id) is true, and the jumps to it. */
void xtables_remove(const struct xtables *x, const char *const *tables,
		    bool (*gone)(void *arg, const char *id), void *arg);

/* For gone: arg is the ID. */
bool xtables_is_id(void *arg, const char *id);

/* The tables of the packet plane and of a transparent proxy. Looking into a table of
 * iptables-legacy makes it, so a wedge looks only where it may have rules. */
extern const char *const xtables_packet_tables[];

/* The tools are iptables of old, not those of nftables. */
bool xtables_is_legacy(const struct xtables *x);

#endif

/* xtables.h - rules of iptables and ip6tables: put in place whole, found again by their chains'
 * names, removed exactly. Knows no rule. */
#ifndef WEDGE_NETFILTER_XTABLES_H
#define WEDGE_NETFILTER_XTABLES_H

#include "proxy/base/err.h"

#include <stdbool.h>

/* One way to reach xtables: its tools are these names with "-restore" and "-save". */
struct xtables {
	const char *v4, *v6;
};

/* The ways to try, in order; the list ends with a NULL v4. */
extern const struct xtables xtables_ways[];

/* Returns the rules of one address family, AF_INET or AF_INET6, as the tools restore them; the
 * caller frees. *jumps are bits of the callee's meaning: which jumps to its chains are in the
 * kernel; it adds those that its text makes. "" is nothing to do. */
typedef char *(*xtables_text_fn)(const void *arg, int family, unsigned *jumps);

/* Gives text(arg) of each family that this host has to iptables-restore and ip6tables-restore; a
 * rule that it doesn't name stays. jumps[2], of IPv4 and IPv6, is zeroed before the first time.
 * Each table changes atomically. -1: part of the rules may be in place. */
int xtables_restore_both(const struct xtables *x, xtables_text_fn text, const void *arg,
			 unsigned jumps[2], struct err *e) WG_MUSTUSE;

/* Removes from these tables (the list ends with NULL) every chain "wedge-ID-..." for whose ID
 * gone(arg, id) is true, and the jumps to it. */
void xtables_remove(const struct xtables *x, const char *const *tables,
		    bool (*gone)(void *arg, const char *id), void *arg);

/* A gone for xtables_remove: arg is the only ID that goes. */
bool xtables_is_id(void *arg, const char *id);

/* The tables of the packet plane and of a transparent proxy. iptables-legacy makes a table that is
 * looked into, so each kind of rules looks only into its own. */
extern const char *const xtables_packet_tables[];

/* Returns whether the tools are iptables-legacy, not iptables on nf_tables. */
bool xtables_is_legacy(const struct xtables *x);

#endif

/* impair_option.h - what --impair does in a wedge with impairments, and in one built without. Only
 * for composition roots, which may know both planes and impairments/. */
#ifndef WEDGE_PROXY_IMPAIR_OPTION_H
#define WEDGE_PROXY_IMPAIR_OPTION_H

#include "proxy/engine.h"

#ifdef WEDGE_IMPAIRMENTS

#include "impairments/set.h"

/* Adds the impairment that text describes; *set is made when it is NULL. */
static inline int impair_option_add(struct impairment_set **set, const char *text, struct err *e)
{
	if (!*set)
		*set = impairment_set_new();
	return impairment_set_text(*set, text, e);
}

/* Hands the set to an explicit proxy. The set must outlive the engine. */
static inline int impair_option_apply(struct impairment_set *set, struct proxy_config *proxy,
				      bool *needs_packets, struct err *e)
{
	if (!set)
		return 0;
	proxy->session_hooks = impairment_set_session_hooks(set);
	proxy->pkt_hooks = impairment_set_pkt_hooks(set);
	*needs_packets = impairment_set_needs_packets(set);
	return impairment_set_check(set, false, e);
}

static inline void impair_option_free(struct impairment_set *set)
{
	impairment_set_free(set);
}

#else

struct impairment_set;

static inline int impair_option_add(struct impairment_set **set, const char *text, struct err *e)
{
	(void)set;
	return err_set(e, "'%s': this wedge was built without impairments", text);
}

static inline int impair_option_apply(struct impairment_set *set, struct proxy_config *proxy,
				      bool *needs_packets, struct err *e)
{
	(void)set;
	(void)proxy;
	(void)needs_packets;
	(void)e;
	return 0;
}

static inline void impair_option_free(struct impairment_set *set)
{
	(void)set;
}

#endif
#endif

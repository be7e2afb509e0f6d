/* impair_option.h - what a proxy's impairments are to its configuration, in a wedge with
 * impairments and in one built without. Only for composition roots, which may know both. */
#ifndef WEDGE_CONFIG_IMPAIR_OPTION_H
#define WEDGE_CONFIG_IMPAIR_OPTION_H

#include "proxy/base/mem.h"
#include "proxy/base/yaml.h"
#include "proxy/engine/engine.h"

#ifdef WEDGE_IMPAIRMENTS

#include "impairments/set/set.h"

#include <string.h>

static inline struct impairment_set *impair_new(void)
{
	return impairment_set_new();
}

static inline struct impairment_set *impair_copy(const struct impairment_set *set)
{
	return impairment_set_copy(set);
}

static inline void impair_free(struct impairment_set *set)
{
	impairment_set_free(set);
}

/* Adds the impairment that text describes. */
static inline int impair_add(struct impairment_set *set, const char *text, struct err *e)
{
	return impairment_set_text(set, text, e);
}

static inline int impair_yaml(struct impairment_set *set, struct yaml *y, struct yaml_node *list,
			      struct err *e)
{
	return impairment_set_yaml(set, y, list, e);
}

/* What a proxy of this mode can't have. */
static inline int impair_check(const struct impairment_set *set, bool forwarded, enum tls_mode tls,
			       struct err *e)
{
	const char *given = param_find(impair_common_params, "on")->def;

	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->inst[i].traffic, given) != 0)
			return err_set(e,
				       "%s: 'on' names a traffic of a scenario, and a proxy has "
				       "none",
				       set->inst[i].name);
	if (impairment_set_check(set, forwarded, e) == -1)
		return -1;
	return forwarded ? 0 : impairment_set_check_tls(set, tls, e);
}

static inline size_t impair_count(const struct impairment_set *set)
{
	return set->n;
}

/* The first instance that has one state for all sessions of its proxy, or NULL. */
static inline const char *impair_shared(const struct impairment_set *set)
{
	return impairment_set_sharer(set);
}

/* The first instance that acts on packets, or NULL. */
static inline const char *impair_needs_packets(const struct impairment_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->inst[i].type->packet)
			return set->inst[i].name;
	return NULL;
}

/* The first instance that acts on packets of the server leg, or NULL. */
static inline const char *impair_needs_server_leg(const struct impairment_set *set)
{
	return impairment_set_on_server_leg(set);
}

/* In words; the caller frees. */
static inline char *impair_describe(const struct impairment_set *set)
{
	return impairment_set_describe(set);
}

/* wanted has passed impair_check in the same mode, so nothing can be refused. */
static inline void impair_apply(struct impairment_set *live, const struct impairment_set *wanted,
				bool forwarded)
{
	struct err e;

	BUG_ON(impairment_set_apply(live, wanted, forwarded, &e) == -1);
}

/* Hands a set to a proxy: what it asks of sockets and packets as wanted has it, while the sessions
 * meet live, which becomes as wanted and must outlive the proxy. */
static inline void impair_hand(struct impairment_set *live, struct impairment_set *wanted,
			       struct engine_proxy_config *proxy)
{
	proxy->session_hooks = impairment_set_session_hooks(live);
	proxy->pkt_hooks = impairment_set_pkt_hooks(live);
	if (wanted == live)
		return;
	for (int leg = 0; leg < LEG_COUNT; leg++)
		proxy->session_hooks.rcvbuf[leg] = impairment_set_session_hooks(wanted).rcvbuf[leg];
	proxy->pkt_hooks.headers_only = impairment_set_pkt_hooks(wanted).headers_only;
}

#else

struct impairment_set {
	char nothing;
};

static inline struct impairment_set *impair_new(void)
{
	return NULL;
}

static inline struct impairment_set *impair_copy(const struct impairment_set *set)
{
	(void)set;
	return NULL;
}

static inline void impair_free(struct impairment_set *set)
{
	(void)set;
}

static inline int impair_add(struct impairment_set *set, const char *text, struct err *e)
{
	(void)set;
	return err_set(e, "'%s': this wedge was built without impairments", text);
}

static inline int impair_yaml(struct impairment_set *set, struct yaml *y, struct yaml_node *list,
			      struct err *e)
{
	(void)set;
	if (yaml_kind(list) == YAML_SEQUENCE && !yaml_count(list))
		return 0;
	return yaml_error(y, list, e, "this wedge was built without impairments; [] is accepted");
}

static inline int impair_check(const struct impairment_set *set, bool forwarded, enum tls_mode tls,
			       struct err *e)
{
	(void)set;
	(void)forwarded;
	(void)tls;
	(void)e;
	return 0;
}

static inline size_t impair_count(const struct impairment_set *set)
{
	(void)set;
	return 0;
}

static inline const char *impair_shared(const struct impairment_set *set)
{
	(void)set;
	return NULL;
}

static inline const char *impair_needs_packets(const struct impairment_set *set)
{
	(void)set;
	return NULL;
}

static inline const char *impair_needs_server_leg(const struct impairment_set *set)
{
	(void)set;
	return NULL;
}

static inline char *impair_describe(const struct impairment_set *set)
{
	(void)set;
	return xstrdup("none");
}

static inline void impair_apply(struct impairment_set *live, const struct impairment_set *wanted,
				bool forwarded)
{
	(void)live;
	(void)wanted;
	(void)forwarded;
}

static inline void impair_hand(struct impairment_set *live, struct impairment_set *wanted,
			       struct engine_proxy_config *proxy)
{
	(void)live;
	(void)wanted;
	(void)proxy;
}

#endif
#endif

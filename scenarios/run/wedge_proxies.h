/* wedge_proxies.h - the proxies of a phase, one for each server of each traffic that has a proxy of
 * its own, and the one set of impairments that all of them share. Starts nothing. */
#ifndef WEDGE_SCENARIOS_RUN_WEDGE_PROXIES_H
#define WEDGE_SCENARIOS_RUN_WEDGE_PROXIES_H

#include "impairments/set/set.h"
#include "proxy/engine/engine_config.h"
#include "scenarios/run/phase_lab.h"

struct wedge_proxy;

struct wedge_proxies {
	const struct phase *phase;
	const struct phase_lab *lab;
	enum intercept intercept;
	struct tls *tls; /* the caller's, or NULL */
	struct impairment_set *set;
	struct wedge_proxy *proxy;
	struct engine_proxy_config *config; /* config[i] is that of proxy[i] */
	size_t n;
	size_t released; /* proxies that the engine uses no more */
};

/* Makes the proxies; phase and lab must outlive them. tls ends in each of them; NULL: it passes. -1
 * with *e when the impairments can't act in that mode; wedge_proxies_fini may be called after that,
 * too. */
int wedge_proxies_init(struct wedge_proxies *w, const struct phase *phase,
		       const struct phase_lab *lab, enum intercept intercept, struct tls *tls,
		       struct err *e) WG_MUSTUSE;

/* The engine must have ended. */
void wedge_proxies_fini(struct wedge_proxies *w);

#endif

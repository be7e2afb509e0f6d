/* selector.h - what a metric is measured over: the connections and programs of a traffic, of a
 * host, or of a traffic on one host, and whether a vantage can tell them from others. */
#ifndef WEDGE_SCENARIOS_SCENARIO_SELECTOR_H
#define WEDGE_SCENARIOS_SCENARIO_SELECTOR_H

#include "scenarios/scenario/intercept.h"
#include "scenarios/scenario/metric_ref.h"
#include "scenarios/scenario/phase.h"
#include "scenarios/scenario/place.h"

/* Places in the phase's lists; SELECTOR_ANY: it doesn't select by it. */
struct selector {
	int traffic, host;
};

#define SELECTOR_ANY (-1)

/* Resolves the names of a metric. -1 with *e: the phase has no such traffic or host, the traffic
 * has nothing to do with the host, or the vantage can't tell it from another traffic. */
int selector_resolve(const struct phase *p, enum intercept intercept, enum place place,
		     const struct metric_ref *ref, struct selector *out, struct err *e) WG_MUSTUSE;

/* The same, when only the answer counts. */
int selector_check(const struct phase *p, enum intercept intercept, enum place place,
		   const struct metric_ref *ref, struct err *e) WG_MUSTUSE;

/* Returns whether other traffics share the traffic's proxy. */
bool selector_is_shared(const struct phase *p, size_t traffic);

/* Returns whether a traffic with servers on other hosts has the same port. */
bool selector_has_namesake(const struct phase *p, size_t traffic);

#endif

/* lab_pins.h - what a scenario asks of its lab's kernels, and of the wedge between them, that they
 * don't do by themselves: data, and a warning where the impairments need what isn't asked for.
 * Reads no YAML, pins nothing. */
#ifndef WEDGE_SCENARIOS_SCENARIO_LAB_PINS_H
#define WEDGE_SCENARIOS_SCENARIO_LAB_PINS_H

#include "proxy/base/param.h"
#include "scenarios/scenario/intercept.h"
#include "scenarios/scenario/phase.h"
#include "scenarios/scenario/place.h"

/* What wedge does with the TLS of its clients: "wedge proxy --tls". */
enum lab_tls { LAB_TLS_PASSTHROUGH, LAB_TLS_TERMINATE };

struct lab_pins {
	bool quickack, tail_loss_probe;
	int64_t rto_min;	 /* ns; 0: the kernel's */
	int64_t connect_timeout; /* ns, of wedge's server legs; 0: the kernel's */
	int place;		 /* enum place */
	int tls;		 /* enum lab_tls */
};

extern const struct param lab_pin_params[];

/* Sets one pin; the error names the nearest key, and what it takes. */
int lab_pins_set(struct lab_pins *pins, const char *key, const char *value,
		 struct err *e) WG_MUSTUSE;

/* Refuses what has no effect in that mode. */
int lab_pins_check(const struct lab_pins *pins, enum intercept intercept, struct err *e) WG_MUSTUSE;

/* Returns what a run of the phase would show beside its impairments' effect, because a pin is
 * missing: one line, the caller frees. NULL: nothing. */
char *lab_pins_missing(const struct lab_pins *pins, const struct phase *p);

#endif

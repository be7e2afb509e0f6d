/* slices.h - a clock of runs and pauses that everything of one instance obeys, on either plane.
 * Knows neither bytes nor packets: whoever has it stops and goes on with it. */
#ifndef WEDGE_IMPAIRMENTS_PARTS_SLICES_H
#define WEDGE_IMPAIRMENTS_PARTS_SLICES_H

#include "proxy/base/env.h"
#include "proxy/base/param.h"
#include "proxy/base/rng.h"

struct slices_config {
	int64_t run, pause, longest; /* ns */
	int64_t wake;		     /* ns; each pause is longer by so much */
	int distribution;	     /* enum slices_distribution */
	double shape;
	double varies; /* share of run, and of a constant pause */
};

enum slices_distribution { SLICES_CONSTANT, SLICES_PARETO };

extern const char *const slices_distribution_names[];

/* The rows of an impairment whose type has a member struct slices_config slices. */
#define SLICES_PARAMS(type)                                                                        \
	P_DURATION("run", type, slices.run, .def = "30ms", .min = "1ms", .max = "1d",              \
		   .help = "how long everything runs between two pauses"),                         \
	    P_DURATION("pause", type, slices.pause, .def = "30ms", .min = "1ms", .max = "1h",      \
		       .help = "how long nothing moves: but for varies exactly (constant), or in " \
			       "the mean (pareto)"),                                               \
	    P_ENUM("distribution", type, slices.distribution, slices_distribution_names,           \
		   .def = "constant", .help = "how the pauses vary: not, or with a heavy tail"),   \
	    P_NUMBER("shape", type, slices.shape, .def = "1.5", .min = "1.05", .max = "100",       \
		     .help = "of pareto: the smaller, the heavier is its tail"),                   \
	    P_DURATION("longest", type, slices.longest, .def = "20s", .min = "1ms", .max = "1h",   \
		       .help = "of pareto: no pause is longer (20 s: pings of starved guests, "    \
			       "VMware 310350)"),                                                  \
	    P_FRACTION("varies", type, slices.varies, .def = "0%",                                 \
		       .help = "each run, and of constant each pause, is drawn by the seed "       \
			       "between that less and that more this share of it: a scheduler "    \
			       "has other things to do, too")

/* struct impairment: idle */
#define SLICES_IDLE "none of its pauses came, or nothing came in one (run, pause)"

/* Refuses pauses whose mean is longer than the longest. */
int slices_check(const struct slices_config *c, struct err *e);

/* Embed it in the shared state. turned(arg, now) is called whenever a slice has begun, with frozen
 * set. */
struct slices {
	struct env env;
	struct slices_config
	    config; /* a copy: the clock goes on while configurations are swapped */
	struct rng rng;
	struct timer timer;
	bool frozen;
	char name[80]; /* of the instance, from the last that joined, for the journal */
	unsigned n;    /* that have joined */
	void (*turned)(void *arg, int64_t now);
	void *arg;
};

void slices_init(struct slices *s, const struct env *env, const struct slices_config *c,
		 void (*turned)(void *arg, int64_t now), void *arg);
void slices_fini(struct slices *s);

/* One more obeys the clock, which starts with the first; number is that of the instance's random
 * sequence. */
void slices_join(struct slices *s, const struct slices_config *c, const char *name,
		 unsigned number);
void slices_leave(struct slices *s);

#endif

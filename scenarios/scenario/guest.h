/* guest.h - a real program that takes part in a scenario, to feel the failure as its users did: the
 * scenario's own ("real_client:") or one that the user brings. In memory; reads no YAML, runs
 * nothing. */
#ifndef WEDGE_SCENARIOS_SCENARIO_GUEST_H
#define WEDGE_SCENARIOS_SCENARIO_GUEST_H

#include "scenarios/scenario/phase.h"

#define GUEST_TRAFFIC "guest" /* the name of the traffic whose client it is */
#define GUEST_LIMIT   (60 * NS_PER_S)

/* What was measured of it in a phase, by which it is judged when it runs again. */
struct guest_felt {
	char *phase;
	int status;	     /* as in a shell; GUEST_WAITS: it still waited at its limit */
	int64_t least, most; /* nanoseconds from its beginning to its end */
	char *says;	     /* a line of its output, "..." for anything; NULL: it says nothing */
};

#define GUEST_WAITS (-1)

struct guest {
	char **argv;	     /* "{host}", "{port}" and "{out}" in its words are replaced */
	char *on;	     /* the traffic whose server it speaks with; NULL: main */
	char **server;	     /* a program in the place of the scenario's server; NULL: that one */
	int64_t ready_after; /* of that server, as in struct role_spec */
	bool alone;	     /* the scenario's main client isn't there */
	char *section;	   /* begins with that section of the phase's steps; NULL: with the phase */
	int64_t after;	   /* and so long after it */
	int64_t limit;	   /* is ended when it has run so long */
	char *stands_for;  /* the documented program, where that one isn't to be had; or NULL */
	const char *ready; /* it doesn't end by itself: as in struct long_lived; NULL: it does */
	char **then;	   /* the same */
	bool watched;
	struct guest_felt *felt;
	size_t nfelt;
};

struct guest *guest_new(void);
void guest_free(struct guest *g); /* NULL is fine */

/* Adds the guest to a phase as its last traffic, behind the one that it is on and on that one's
 * client's host. g must outlive the phase and its copies. -1 with *e: the phase has a traffic of
 * its name already, or not the one that it is on. */
int guest_join(struct phase *p, const struct guest *g, struct err *e) WG_MUSTUSE;

/* Returns whether the role isn't there because the guest is alone. */
bool guest_displaces(const struct phase *p, size_t traffic, bool server);

/* What was measured in the phase of that name, or NULL. */
const struct guest_felt *guest_find_felt(const struct guest *g, const char *phase);

/* Returns whether line is as says, in which "..." stands for any text. */
bool guest_says(const char *says, const char *line);

#endif

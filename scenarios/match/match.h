/* match.h - a capture against the signatures of all scenarios of a catalogue: which documented
 * failure it shows, which it only resembles, and by what it differs. */
#ifndef WEDGE_SCENARIOS_MATCH_MATCH_H
#define WEDGE_SCENARIOS_MATCH_MATCH_H

#include "scenarios/match/scope.h"
#include "scenarios/scenario/catalog_load.h"

enum match_kind {
	MATCH_FITS, /* every condition that can be judged holds, as seen from one vantage */
	MATCH_HINT, /* it looks so from where nobody can tell, or in a capture that lacks packets */
	MATCH_NEAR, /* the first condition holds, another doesn't */
	MATCH_NONE,
};

extern const char *const match_kinds[]; /* "fits", "hint", "near", "none" */

/* A scenario, where it fits best. The texts are made by match.c. */
struct scenario_match {
	const struct scenario *scenario;
	enum match_kind kind;
	const char *vantage; /* "client_wire": from where that is seen */
	const struct scope *scope;
	bool far;		       /* of two captures: seen in the one nearer to the server */
	size_t holds, fails, unjudged; /* conditions */
	bool withheld;	/* one of these is about losses, and the capture lacks packets itself */
	char *evidence; /* "37 of 40 exchanges, 201 ms": the first condition's figure */
	char *differs;	/* the first condition that fails, with what was measured; or NULL */
	char *lacks;	/* the first that can't be judged by this capture, and why; or NULL */
};

struct matches {
	struct catalog catalog;
	struct scopes scopes[2];     /* of each capture */
	bool pair;		     /* two were compared, from both vantages */
	struct scenario_match *list; /* best first; none of MATCH_NONE */
	size_t n;
};

/* Loads the catalogue (dir NULL: the binary's) and compares. The caller frees *m with matches_fini.
 * known: as for scenario_load. -1 with *e: the catalogue can't be loaded. */
int matches_make(const struct diagnosis *d, const char *dir, metric_known_fn *known,
		 struct matches *m, struct err *e) WG_MUSTUSE;

/* The same of two captures of one traffic, the one nearer to the client first: each is judged from
 * its own vantage only, and what one could but hint at is left out where the other one tells. */
int matches_make_pair(const struct diagnosis *near, const struct diagnosis *far, const char *dir,
		      metric_known_fn *known, struct matches *m, struct err *e) WG_MUSTUSE;
void matches_fini(struct matches *m);

/* Returns whether one capture can't tell the two apart. */
bool match_is_family(const struct scenario *a, const struct scenario *b);

#endif

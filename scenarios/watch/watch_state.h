/* watch_state.h - what is known of a run that goes on, from its news, as the page asks for it.
 * Pure: knows no sockets, and takes the time as it is told. */
#ifndef WEDGE_SCENARIOS_WATCH_WATCH_STATE_H
#define WEDGE_SCENARIOS_WATCH_WATCH_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch_state {
	json_t *scenario;     /* what is played; NULL: nothing yet */
	json_t *verdict;      /* NULL: it isn't judged yet */
	json_t *past;	      /* a list of those before it, with their verdicts; NULL: none */
	json_t *wedge;	      /* the last state of the phase's wedge; NULL: none yet */
	uint64_t played;      /* scenarios that have begun, this one included */
	int64_t phase_begins; /* monotonic, of the phase that is played */
	bool ended;	      /* nothing more comes */
};

void watch_state_fini(struct watch_state *s);

/* Takes a message that is no line of the journal (run_news.h), at that moment (monotonic, ns). What
 * it isn't is passed over. */
void watch_state_take(struct watch_state *s, const json_t *message, int64_t now);

/* The run, its phases with how far each is, and the verdict when there is one. */
json_t *watch_state_run(const struct watch_state *s, int64_t now);

/* What /wedge/v1/stats, sessions and proxies answer (docs/openapi.json), of the phase's wedge. */
json_t *watch_state_stats(const struct watch_state *s, int64_t now);
json_t *watch_state_sessions(const struct watch_state *s);
json_t *watch_state_proxies(const struct watch_state *s);

#endif

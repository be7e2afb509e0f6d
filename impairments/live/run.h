/* run.h - a set at work: the instances with their schedules, the sessions that they know, and their
 * stages on each attachment. Knows neither what begins a session (hooks.h) nor what changes the set
 * (apply.h). */
#ifndef WEDGE_IMPAIRMENTS_LIVE_RUN_H
#define WEDGE_IMPAIRMENTS_LIVE_RUN_H

#include "impairments/live/session_record.h"
#include "impairments/set/set.h"

struct impair_run {
	struct impairment_set *set;
	struct env env;
	struct session_records records;
	struct timer timer; /* for the next change of a schedule */
};

/* Returns the run of a set; with the first call, all instances come to work. */
struct impair_run *impair_run_get(struct impairment_set *s, const struct env *env);
void impair_run_free(struct impair_run *run); /* no session may be left */

/* Puts an instance of the set to work, which has no stage yet. */
struct impair_live *impair_run_add(struct impair_run *run, struct impair_inst *inst);

/* Detaches the instance's stages everywhere, which let go what they hold, and frees live. */
void impair_run_remove(struct impair_run *run, struct impair_live *live, const char *why);

/* Arms the timer; to be called after schedules have begun or were reset. */
void impair_run_arm(struct impair_run *run);

/* Begins the instance's schedule now. */
void impair_run_schedule(struct impair_live *live);

/* Ends the instance's random episode, if one is under way. why is for the journal. */
void impair_run_reset(struct impair_live *live, const char *why);

/* Attaches the instance's stages to an attachment that it concerns, each at its place in the chain.
 * before: the session was there before the instance came. */
void impair_run_attach(struct impair_live *live, struct attachment *att, bool before);

/* Frees an attachment with its gates; its session or connection, and so its stages, are about to
 * go. */
void impair_run_detach(struct attachment *att);

/* More has become known of a session: its gates decide anew. */
void impair_run_learnt(struct session_record *rec);

/* Return whether some instance needs the sessions' server names, or counts HTTP/1 responses. */
bool impair_run_wants_requests(const struct impair_run *run);
bool impair_run_wants_sni(const struct impair_run *run);

#endif

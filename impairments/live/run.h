/* run.h - a set at work: its instances made ready with the first session, their schedules, their
 * stages on every attachment, all of it ended. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_RUN_H
#define WEDGE_IMPAIRMENTS_LIVE_RUN_H

#include "impairments/live/session_record.h"
#include "impairments/set/set.h"

/* What a set has while its proxy runs: made with the first session. */
struct impair_run {
	struct impairment_set *set;
	struct env env;
	unsigned indices; /* given so far */
	struct session_records records;
	struct timer timer; /* the next change of a schedule */
};

/* Starts, or returns, the run of a set. */
struct impair_run *impair_run_get(struct impairment_set *s, const struct env *env);
void impair_run_free(struct impair_run *run); /* no session is left */

/* An instance of the set comes to work. */
struct impair_live *impair_run_add(struct impair_run *run, struct impair_inst *inst);

/* It stops, with its stages everywhere: what they hold goes on. */
void impair_run_remove(struct impair_run *run, struct impair_live *live, const char *why);

void impair_run_arm(struct impair_run *run);	    /* the timer, after schedules have changed */
void impair_run_schedule(struct impair_live *live); /* begins it */
void impair_run_reset(struct impair_live *live, const char *why); /* ends an episode */

/* Attaches an instance's stages to an attachment, each at its place in the chain. */
void impair_run_attach(struct impair_live *live, struct attachment *pl);

/* Frees the gates of an attachment, whose stages are gone or about to, and takes it off its
 * record. */
void impair_run_detach(struct attachment *pl);

/* More is known of a session: every gate whose match depends on that decides. */
void impair_run_learnt(struct session_record *v);

/* Whether some instance needs a session's server name. */
bool impair_run_wants_sni(const struct impair_run *run);

#endif

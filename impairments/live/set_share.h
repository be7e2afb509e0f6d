/* set_share.h - what a set at work has in common with the sets of the same proxy in other threads,
 * each of which has sessions of its own: they number their sessions together for random decisions,
 * and tell together at their end. A set that is alone shares with itself. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_SET_SHARE_H
#define WEDGE_IMPAIRMENTS_LIVE_SET_SHARE_H

#include "impairments/set/set.h"

/* Makes s, which isn't at work yet, share with another one. From now on both must be changed alike.
 */
void set_share_join(struct impairment_set *s, struct impairment_set *with);

/* Ends s's part; it may have none. */
void set_share_leave(struct impairment_set *s);

/* s meets its first session. journal and log, which may be NULL, must outlive the sharers. */
void set_share_begin(struct impairment_set *s, struct journal *journal, const struct log *log);

/* Returns whether one of the sharers has met a session. */
bool set_share_has_begun(const struct impairment_set *s);

/* Returns the number from which the random decisions about the next session of that client are
 * made, of all sharers (draw_counts_next). */
uint64_t set_share_draw(struct set_share *share, const struct draw_identity *id,
			const struct addr *client);

/* Leaves that number, of a session that one of the sharers has met, to the one that meets its
 * packets.
 */
void set_share_leave_draw(struct set_share *share, uint64_t session, uint64_t draw);

/* Takes what was left for the session. false: nothing. */
bool set_share_take_draw(struct set_share *share, uint64_t session, uint64_t *draw);

/* Where those that have met a session tell what they do; either may be NULL. */
void set_share_records(const struct impairment_set *s, struct journal **journal,
		       const struct log **log);

/* The work of the instance of that name has ended for s: adds *tally, what it was to s's sessions,
 * to what it was to the others'. Returns true when all sharers have; *tally is the sum then. */
bool set_share_complete(const struct impairment_set *s, const char *name,
			struct impair_tally *tally);

#endif

/* apply.h - changes a set while it is at work, and ends its work. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_APPLY_H
#define WEDGE_IMPAIRMENTS_LIVE_APPLY_H

#include "impairments/set/set.h"
#include "proxy/base/journal.h"
#include "proxy/base/log.h"

/* Makes the set live what wanted says, at once and on every open session: the one function that
 * changes a set at work. Instances are compared by name: one that wanted lacks is removed, and what
 * it holds goes on, in order; a new one comes at its place; a changed one gets its new
 * configuration; one that is equal notices nothing. Where the impairment, direction, leg or order
 * of an instance differs, it is removed and comes anew. When wanted isn't valid it is refused as a
 * whole, and nothing is changed. Must not be called from a stage's callback. wanted stays the
 * caller's. */
int impairment_set_apply(struct impairment_set *live, const struct impairment_set *wanted,
			 bool forwarded, struct err *e) WG_MUSTUSE;

/* Change one instance, by impairment_set_apply: switch it, set a parameter, remove it. */
int impairment_set_enable(struct impairment_set *live, const char *name, bool enabled,
			  bool forwarded, struct err *e) WG_MUSTUSE;
int impairment_set_update(struct impairment_set *live, const char *name, const char *param,
			  const char *value, bool forwarded, struct err *e) WG_MUSTUSE;
int impairment_set_remove(struct impairment_set *live, const char *name, bool forwarded,
			  struct err *e) WG_MUSTUSE;

/* Ends an instance's random episode, if one is under way; the next one comes after another gap. */
int impairment_set_reset(struct impairment_set *live, const char *name, struct err *e) WG_MUSTUSE;

/* Ends the set's work after its proxy has ended with all its sessions, while the loop with its
 * timers is still there. Does nothing to a set that isn't at work, or to NULL. */
void impairment_set_stop(struct impairment_set *s);

/* Ends it likewise, and tells of every instance on how many sessions it has acted (tell.h). */
void impairment_set_tell(struct impairment_set *s, struct journal *journal, const struct log *log);

#endif

/* apply.h - changes a set while its proxy runs. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_APPLY_H
#define WEDGE_IMPAIRMENTS_LIVE_APPLY_H

#include "impairments/set/set.h"

/* The one way in which a running set is changed: to what wanted says, on every session that is
 * open, at once. By name: instances that wanted lacks are removed (what they hold goes on, in
 * order), new ones come at their place, changed ones are told of their new configuration, and those
 * that are the same notice nothing. Where the kind, direction, leg or order of an instance differs,
 * it is removed and comes anew. Refused as a whole, with nothing changed, when wanted isn't valid.
 * Never from a stage's own callback. wanted stays the caller's. */
int impairment_set_apply(struct impairment_set *live, const struct impairment_set *wanted,
			 bool forwarded, struct err *e) WG_MUSTUSE;

/* The same for one instance. */
int impairment_set_enable(struct impairment_set *live, const char *name, bool enabled,
			  bool forwarded, struct err *e) WG_MUSTUSE;
int impairment_set_update(struct impairment_set *live, const char *name, const char *param,
			  const char *value, bool forwarded, struct err *e) WG_MUSTUSE;
int impairment_set_remove(struct impairment_set *live, const char *name, bool forwarded,
			  struct err *e) WG_MUSTUSE;

/* Ends an instance's random episode; the next one comes after another gap. */
int impairment_set_reset(struct impairment_set *live, const char *name, struct err *e) WG_MUSTUSE;

/* The proxy has ended, with all its sessions; its loop is still there. What the set had for it is
 * released. A set that is not at work, or NULL, is left alone. */
void impairment_set_stop(struct impairment_set *s);

#endif

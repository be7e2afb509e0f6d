/* tell.h - at its end an instance tells on how many sessions it has acted, and what may be the
 * reason when it has acted on none. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_TELL_H
#define WEDGE_IMPAIRMENTS_LIVE_TELL_H

#include "impairments/set/set.h"

#include "proxy/base/journal.h"
#include "proxy/base/log.h"

/* Writes one line of the journal about an instance whose work has ended, and a warning when it has
 * acted on no session although it was enabled. Either may be NULL. */
void impair_inst_tell(const struct impairment_set *s, const struct impair_inst *inst,
		      struct journal *journal, const struct log *log);

/* Returns why it may have acted on none, as the end of a sentence. */
const char *impair_inst_idle_reason(const struct impair_inst *inst);

#endif

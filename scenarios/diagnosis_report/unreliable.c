/* unreliable.c - one sentence: drops that the file tells concern all connections, other faults
 * those in which they were seen. */
#include "scenarios/diagnosis_report/unreliable.h"

#include "proxy/base/mem.h"
#include "scenarios/diagnosis_report/figures.h"

#include <inttypes.h>

char *unreliable_reason(const struct diagnosis *d)
{
	uint64_t faulty = d->all.counts.unreliable, dropped = d->capture.dropped;
	char *some = NULL, *text;

	if (faulty)
		some = xasprintf("in %" PRIu64 " connection%s: %s%s", faulty, plural_ending(faulty),
				 d->unreliable_why, faulty > 1 ? ", or the like" : "");
	if (!dropped)
		return some;
	text = xasprintf("its interfaces dropped %" PRIu64 " packet%s, as the file tells, of "
			 "connections that nobody knows%s%s",
			 dropped, plural_ending(dropped), some ? "; and " : "", some ? some : "");
	free(some);
	return text;
}

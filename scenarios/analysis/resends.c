/* resends.c - the time before is that of the segment's first byte, whatever else it was sent with.
 */
#include "scenarios/analysis/resends.h"

#include "proxy/base/mem.h"

void resend_take_segment(struct connection *c, enum dir dir, uint64_t start, uint64_t end,
			 int64_t at, enum sent how)
{
	struct wire_connection *w = &c->wire;
	struct sending before;

	if (!sendings_take(&c->half[dir].sendings, start, end, at, how != SENT_NEW, &before) ||
	    how != SENT_AGAIN)
		return;
	if (w->nresends == c->resend_room) {
		c->resend_room = c->resend_room ? c->resend_room * 2 : 4;
		w->resends = xrealloc(w->resends, c->resend_room, sizeof(*w->resends));
	}
	w->resends[w->nresends++] = (struct wire_resend){
	    .at = before.at,
	    .gap = at - before.at,
	    .before = before.gap,
	    .dir = dir,
	};
}

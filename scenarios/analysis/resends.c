/* resends.c - the time before is that of the segment's first byte, whatever else it was sent with.
 */
#include "scenarios/analysis/resends.h"

#include "proxy/base/mem.h"

/* Where no acknowledgement shows what can be forgotten (a capture of one side), this many. */
#define SENDINGS_MAX (1 << 16)

void resend_take_segment(struct connection *c, enum dir dir, uint64_t start, uint64_t end,
			 int64_t at, enum sent how)
{
	struct wire_connection *w = &c->wire;
	struct half *x = &c->half[dir];
	struct sendings *sent = &x->sendings;
	struct sending before;

	if (!c->keeps_lists && sent->n > SENDINGS_MAX)
		sendings_forget(sent, sent->list[sent->n / 2].end);
	if (!sendings_take(sent, start, end, at, how != SENT_NEW, &before) || how != SENT_AGAIN)
		return;
	x->resend = (struct wire_resend){
	    .at = before.at,
	    .gap = at - before.at,
	    .before = before.gap,
	    .dir = dir,
	};
	if (!c->keeps_lists)
		return;
	if (w->nresends == c->resend_room) {
		c->resend_room = c->resend_room ? c->resend_room * 2 : 4;
		w->resends = xrealloc(w->resends, c->resend_room, sizeof(*w->resends));
	}
	w->resends[w->nresends++] = x->resend;
}

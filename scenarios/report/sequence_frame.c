/* sequence_frame.c - a window that is far above the data would make a line of these: it is left
 * out of the frame, and told in words. */
#include "scenarios/report/sequence_frame.h"

#include <string.h>

#define WINDOW_FACTOR 4 /* times the data's own height */

uint64_t sequence_end(const struct result_packet *p)
{
	return p->seq + p->len + !!(p->flags & FLAG_SYN) + !!(p->flags & FLAG_FIN);
}

bool sequence_lasts(const struct result_connection *c)
{
	for (size_t i = 0; i < c->npackets; i++)
		if (c->packets[i].flags & (FLAG_FIN | FLAG_RST))
			return false;
	return c->first + c->npackets == c->total;
}

static void span_data(const struct sequence_frame *f, uint64_t *low, uint64_t *high, bool *any)
{
	*low = UINT64_MAX;
	*high = 0;
	for (size_t i = 0; i < f->c->npackets; i++) {
		const struct result_packet *p = &f->c->packets[i];

		if (p->dir != f->dir || (p->note && strcmp(p->note, "out of any window") == 0))
			continue;
		*any |= p->len > 0;
		if (p->flags & FLAG_RST && !p->len)
			continue; /* of an RST, the number may be any */
		if (p->seq < *low)
			*low = p->seq;
		if (sequence_end(p) > *high)
			*high = sequence_end(p);
	}
}

static void span_window(struct sequence_frame *f)
{
	f->window_low = UINT64_MAX;
	for (size_t i = 0; i < f->c->npackets; i++) {
		const struct result_packet *p = &f->c->packets[i];

		if (p->dir == f->dir || !p->window_known)
			continue;
		if (p->window < f->window_low)
			f->window_low = p->window;
		if (p->window > f->window_high)
			f->window_high = p->window;
	}
}

bool sequence_frame_lay(struct sequence_frame *f, const struct result_connection *c, enum dir dir)
{
	uint64_t low, high;
	double room, end;
	bool any = false;

	*f = (struct sequence_frame){.c = c, .dir = dir};
	if (!c->npackets)
		return false;
	span_data(f, &low, &high, &any);
	if (!any)
		return false;
	span_window(f);
	room = (double)(high - low) + 1;
	f->window = f->window_high && (double)f->window_high <= WINDOW_FACTOR * room;
	end = sequence_lasts(c) ? c->end : c->packets[c->npackets - 1].at;
	f->x = (struct svg_scale){.low = c->packets[0].at, .high = end, .from = 0, .to = 100};
	if (!(f->x.high > f->x.low))
		f->x.high = f->x.low + 1e-6;
	f->y = (struct svg_scale){.low = (double)low,
				  .high = (double)high +
					  (f->window ? (double)f->window_high : 0.08 * room),
				  .from = SEQUENCE_HEIGHT,
				  .to = 0};
	return true;
}

/* rate_window.c - has one ring entry for each packet of the time, and their sum. */
#include "impairments/packet/parts/rate_window.h"

#include "proxy/base/mem.h"

static void make_room(struct rate_window *w)
{
	size_t room = w->room ? 2 * w->room : 16;
	struct rate_entry *bigger = xcalloc(room, sizeof(*bigger));

	for (size_t i = 0; i < w->n; i++)
		bigger[i] = w->entry[(w->first + i) % w->room];
	free(w->entry);
	w->entry = bigger;
	w->first = 0;
	w->room = room;
}

uint64_t rate_window_add(struct rate_window *w, int64_t now, uint64_t bytes, int64_t over)
{
	while (w->n && w->entry[w->first].at <= now - over) {
		w->bytes -= w->entry[w->first].bytes;
		w->first = (w->first + 1) % w->room;
		w->n--;
	}
	if (w->n == w->room)
		make_room(w);
	w->entry[(w->first + w->n++) % w->room] = (struct rate_entry){.at = now, .bytes = bytes};
	w->bytes += bytes;
	return w->bytes - bytes;
}

void rate_window_fini(struct rate_window *w)
{
	free(w->entry);
	*w = (struct rate_window){0};
}

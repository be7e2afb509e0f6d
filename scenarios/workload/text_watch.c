/* text_watch.c - the tail is one byte shorter than the text: no occurrence is missed or seen twice.
 */
#include "scenarios/workload/text_watch.h"

#include <string.h>

/* Moves the last bytes of tail and piece into the tail. */
static void keep_tail(struct text_watch *w, const char *piece, size_t n, size_t room)
{
	size_t old = n >= room ? 0 : w->ntail + n > room ? room - n : w->ntail;
	size_t fresh = n < room ? n : room;

	memmove(w->tail, w->tail + w->ntail - old, old);
	memcpy(w->tail + old, piece + n - fresh, fresh);
	w->ntail = old + fresh;
}

void text_watch_take(struct text_watch *w, const char *piece, size_t n)
{
	char seam[2 * TEXT_WATCH_MAX];
	size_t len = w->text ? strlen(w->text) : 0, head;

	if (!len || w->found)
		return;
	head = n < len - 1 ? n : len - 1;
	memcpy(seam, w->tail, w->ntail);
	memcpy(seam + w->ntail, piece, head);
	w->found = memmem(seam, w->ntail + head, w->text, len) || memmem(piece, n, w->text, len);
	keep_tail(w, piece, n, len - 1);
}

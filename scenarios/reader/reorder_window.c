/* reorder_window.c - a heap of copies, the earliest on top; of equals the first in the file. */
#include "scenarios/reader/reorder_window.h"

#include "proxy/base/mem.h"

#include <string.h>

/* Behind a packet nothing comes that is so much older: dumpcap's buffers are written after 0.25 s
 * (CAP_READ_TIMEOUT in its capture_opts.h), and its queue is emptied every 0.1 s. */
#define WINDOW	   (1 * NS_PER_S)
#define BYTES_MAX  (16u << 20)
#define BACK_MAX   (1 * NS_PER_MS) /* less is the disorder of one interface's queues, as for R0 */
#define INTERFACES 256		   /* whose clocks are watched */

struct held {
	struct capture_record record; /* its data is behind */
	uint8_t data[];
};

/* The keys stand beside each other: records are far apart in memory. */
struct slot {
	int64_t at;
	uint32_t epoch, frame;
	struct held *held;
};

struct reorder_window {
	struct slot *heap;
	size_t n, room;
	size_t bytes;
	struct held *given; /* the last that was taken */
	uint32_t epoch;	    /* grows where all that is held comes before all that follows */
	uint32_t section;
	int64_t newest; /* of the epoch */
	int64_t last[INTERFACES];
	uint64_t late;
	int64_t lag;
};

struct reorder_window *reorder_window_new(void)
{
	return xcalloc(1, sizeof(struct reorder_window));
}

void reorder_window_free(struct reorder_window *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		free(w->heap[i].held);
	free(w->heap);
	free(w->given);
	free(w);
}

static bool goes_before(const struct slot *a, const struct slot *b)
{
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch;
	if (a->at != b->at)
		return a->at < b->at;
	return a->frame < b->frame;
}

static void push_slot(struct reorder_window *w, const struct slot *new)
{
	size_t i = w->n++;

	if (w->n > w->room) {
		w->room = w->room ? 2 * w->room : 256;
		w->heap = xrealloc(w->heap, w->room, sizeof(*w->heap));
	}
	for (; i && goes_before(new, &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = *new;
}

static struct slot pop_slot(struct reorder_window *w)
{
	struct slot top = w->heap[0];
	const struct slot *last = &w->heap[--w->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < w->n) {
		if (child + 1 < w->n && goes_before(&w->heap[child + 1], &w->heap[child]))
			child++;
		if (!goes_before(&w->heap[child], last))
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = *last;
	return top;
}

static size_t size_of(const struct held *h)
{
	return sizeof(*h) + h->record.captured_len;
}

static void begin_epoch(struct reorder_window *w, uint32_t section)
{
	w->epoch++;
	w->section = section;
	w->newest = 0;
	memset(w->last, 0, sizeof(w->last));
}

/* Notes the record's time; begins an epoch where it goes back by itself. */
static void note_time(struct reorder_window *w, const struct capture_record *record,
		      uint32_t section)
{
	int64_t *last = &w->last[record->interface % INTERFACES];

	if (section != w->section || record->at < *last - BACK_MAX)
		begin_epoch(w, section);
	*last = record->at;
	if (record->at >= w->newest) {
		w->newest = record->at;
		return;
	}
	w->late++;
	if (w->newest - record->at > w->lag)
		w->lag = w->newest - record->at;
}

void reorder_window_put(struct reorder_window *w, const struct capture_record *record,
			uint32_t section, uint32_t frame)
{
	struct held *h = xrealloc(NULL, 1, sizeof(*h) + record->captured_len);

	note_time(w, record, section);
	h->record = *record;
	h->record.data = h->data;
	memcpy(h->data, record->data, record->captured_len);
	w->bytes += size_of(h);
	push_slot(w, &(struct slot){record->at, w->epoch, frame, h});
}

bool reorder_window_take(struct reorder_window *w, bool all, struct capture_record *record,
			 uint32_t *frame)
{
	const struct slot *top = w->n ? &w->heap[0] : NULL;
	struct slot taken;

	free(w->given);
	w->given = NULL;
	if (!top || (!all && top->epoch == w->epoch && w->newest - top->at < WINDOW &&
		     w->bytes < BYTES_MAX))
		return false;
	taken = pop_slot(w);
	w->given = taken.held;
	w->bytes -= size_of(w->given);
	*record = w->given->record;
	*frame = taken.frame;
	return true;
}

uint64_t reorder_window_late(const struct reorder_window *w, int64_t *lag)
{
	*lag = w->lag;
	return w->late;
}

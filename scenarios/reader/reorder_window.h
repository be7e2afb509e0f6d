/* reorder_window.h - puts the records of several interfaces into one order of time: dumpcap writes
 * what each of them has gathered, a fraction of a second at once. Holds copies of the records of
 * the last second, up to a bounded size. */
#ifndef WEDGE_SCENARIOS_READER_REORDER_WINDOW_H
#define WEDGE_SCENARIOS_READER_REORDER_WINDOW_H

#include "scenarios/reader/capture_record.h"

struct reorder_window;

struct reorder_window *reorder_window_new(void);
void reorder_window_free(struct reorder_window *w);

/* Takes the next record of the file, number `frame`. Records of one section are put in order, save
 * where an interface's own clock goes back: what it wrote before comes before. */
void reorder_window_put(struct reorder_window *w, const struct capture_record *record,
			uint32_t section, uint32_t frame);

/* Gives the earliest record, valid until the next call, when none can come that belongs before it,
 * or the window is full; all: whatever may come. false: there is none. */
bool reorder_window_take(struct reorder_window *w, bool all, struct capture_record *record,
			 uint32_t *frame);

/* Returns how many records came late, and in *lag by how much at most, in nanoseconds. */
uint64_t reorder_window_late(const struct reorder_window *w, int64_t *lag);

#endif

/* check_play.h - plays what a card is made of: the healthy run, then every cell, many at a time,
 * each in a process and a lab of its own. */
#ifndef WEDGE_SCENARIOS_CLI_CHECK_PLAY_H
#define WEDGE_SCENARIOS_CLI_CHECK_PLAY_H

#include "scenarios/check/card.h"
#include "scenarios/cli/check_args.h"

/* Who is told of the healthy run, each run's end, and each cell whose runs are all there. */
struct check_watcher {
	void (*healthy)(void *arg, const struct card *c, size_t runs, size_t jobs);
	void (*run)(void *arg, size_t done); /* so many have ended */
	void (*cell)(void *arg, const struct card_cell *c);
	void *arg;
};

/* Fills in the card, which the caller frees; folder gets a folder for each run. -1 with *e: it
 * couldn't be made. Where the healthy run fails the card says so (not_gradable). */
int check_play(const struct check_args *a, const char *folder, const struct check_watcher *watcher,
	       struct card *c, struct err *e) WG_MUSTUSE;

#endif

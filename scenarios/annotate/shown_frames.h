/* shown_frames.h - which frames of the finished captures a reader will see, as tshark says: it is
 * asked, not imitated. */
#ifndef WEDGE_SCENARIOS_ANNOTATE_SHOWN_FRAMES_H
#define WEDGE_SCENARIOS_ANNOTATE_SHOWN_FRAMES_H

#include "scenarios/run/result.h"

/* Fills frames and found of each of *r's looks from the captures in folder, where this host has
 * tshark and it accepts the filter within some seconds; else frames stays NULL. */
void find_shown_frames(struct result *r, const char *folder);

/* The same for one look. */
void find_look_frames(struct result_look *look, const char *folder);

#endif

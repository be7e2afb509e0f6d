/* look.h - which frames of a blind folder's capture a display filter shows. */
#ifndef WEDGE_SCENARIOS_BLIND_LOOK_H
#define WEDGE_SCENARIOS_BLIND_LOOK_H

#include <stddef.h>

/* Returns the first few, "11, 70, 71", to be freed, and in *found how many there are; NULL where
 * this host has no tshark, or it doesn't know the filter. */
char *look_frames(const char *folder, const char *capture, const char *filter, size_t *found);

#endif

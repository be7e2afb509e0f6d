/* packet_comments.h - the comments in a capture that wedge has finished, frame by frame. */
#ifndef WEDGE_SCENARIOS_SHOWN_CONNECTION_PACKET_COMMENTS_H
#define WEDGE_SCENARIOS_SHOWN_CONNECTION_PACKET_COMMENTS_H

#include "proxy/base/err.h"

#include <stdint.h>

/* Reads the comments of n frames, numbers ascending from 1: texts[i] is that of frames[i], to be
 * freed, or NULL. -1 with *e when the capture can't be read; texts are NULL then. */
int packet_comments_read(const char *path, const uint32_t *frames, size_t n, char **texts,
			 struct err *e) WG_MUSTUSE;

/* Lists the frames that have a comment, ascending, in *frames, to be freed; returns how many. 0
 * when the capture can't be read, too. */
size_t packet_comments_list(const char *path, uint32_t **frames);

#endif

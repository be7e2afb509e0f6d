/* choice.h - which connection of a capture is worth drawing, and which stretch of it. */
#ifndef WEDGE_SCENARIOS_SHOWN_CONNECTION_CHOICE_H
#define WEDGE_SCENARIOS_SHOWN_CONNECTION_CHOICE_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct choice {
	uint32_t connection; /* tcp.stream */
	uint64_t packet;     /* of the connection's, from 0: the one that matters */
	uint64_t packets;    /* all of the connection */
	bool by_frame;	     /* the frame that was asked for is in it */
	int64_t end;	     /* of the capture, wall-clock nanoseconds */
};

/* Chooses the connection that frame belongs to; when that is of none (or 0), of those that have one
 * of the n frames in marked (ascending; of all, if none has), the one with the longest pause
 * between two of its packets, which ends with the packet that matters. 1: *out is it;
 * 0: the capture has no connection; -1 with *e: it can't be read. */
int choose_connection(const char *path, uint32_t frame, const uint32_t *marked, size_t n,
		      struct choice *out, struct err *e) WG_MUSTUSE;

#endif

/* read_stream.h - a capture file through a stream of packets, to its end. */
#ifndef WEDGE_SCENARIOS_PAIRS_READ_STREAM_H
#define WEDGE_SCENARIOS_PAIRS_READ_STREAM_H

#include "scenarios/analysis/packet_stream.h"

/* Reads the whole file; packet_stream_fini frees *s in any case. A file that breaks off counts as
 * far as it goes. -1 with *e: it can't be read at all. */
int read_stream(const char *path, const struct segment_observer *observer, void *arg,
		struct packet_stream *s, struct err *e) WG_MUSTUSE;

#endif

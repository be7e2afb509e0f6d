/* capture_record.h - one packet as a capture file of any format holds it: the frame, its time,
 * where it was taken. Knows nothing of what is in the frame. */
#ifndef WEDGE_SCENARIOS_READER_CAPTURE_RECORD_H
#define WEDGE_SCENARIOS_READER_CAPTURE_RECORD_H

#include "proxy/base/clock.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether the packet came to the host that captured it. */
enum packet_way { PACKET_WAY_UNKNOWN, PACKET_IN, PACKET_OUT };

/* Of which leg of wedge's sessions an interface's packets are: the captures that wedge writes name
 * their interfaces so (docs/captures.md). Values are bits of capture_counts.legs. */
enum capture_leg {
	CAPTURE_LEG_NONE = 0,
	CAPTURE_LEG_CLIENT = 1,
	CAPTURE_LEG_SERVER = 2,
	CAPTURE_LEG_BOTH = 3
};

struct capture_record {
	int64_t at;	     /* wall-clock nanoseconds */
	bool timeless;	     /* the file has no time for it: at is that of the one before */
	const uint8_t *data; /* captured_len bytes, valid until the next record is read */
	uint32_t captured_len;
	uint32_t wire_len;  /* on the wire; at least captured_len */
	uint32_t interface; /* counted from 0 through all sections */
	uint16_t link_type; /* LINKTYPE_..., https://www.tcpdump.org/linktypes.html */
	enum packet_way way;
	enum capture_leg leg;
	uint64_t offset; /* of the record in the file, of a packed file in what was packed */
};

/* Stamps outside of [0, 2255] come only from broken files; the limit keeps every difference of two
 * stamps inside int64_t. */
#define CAPTURE_SECONDS_MAX INT64_C(9000000000)

/* A frame that holds more than this is none: libpcap's MAXIMUM_SNAPLEN, unless the file's own snap
 * length is larger, and a limit to that. */
#define CAPTURED_LEN_USUAL (256u << 10)
#define CAPTURED_LEN_MAX   (16u << 20)

#endif

/* sequence_frame.h - the frame of a time-sequence diagram: which times and sequence numbers it
 * spans, and where they lie. Pure. */
#ifndef WEDGE_SCENARIOS_REPORT_SEQUENCE_FRAME_H
#define WEDGE_SCENARIOS_REPORT_SEQUENCE_FRAME_H

#include "scenarios/report/svg_scale.h"
#include "scenarios/run/result.h"

/* result_packet.flags, as in TCP's header (RFC 9293 section 3.1). */
enum { FLAG_FIN = 0x01, FLAG_SYN = 0x02, FLAG_RST = 0x04, FLAG_PSH = 0x08, FLAG_ACK = 0x10 };

#define SEQUENCE_HEIGHT 280 /* pixels */

struct sequence_frame {
	const struct result_connection *c;
	enum dir dir;	    /* of the data */
	struct svg_scale x; /* seconds to per cent */
	struct svg_scale y; /* sequence numbers to pixels, upward */
	bool window;	    /* the receiver's window is in the frame; else it lies above */
	uint64_t window_low, window_high; /* as it was announced; high 0: never with its scale */
};

/* Lays out the frame. false: the direction carries no data in the packets that there are. */
bool sequence_frame_lay(struct sequence_frame *f, const struct result_connection *c, enum dir dir);

/* Returns the part of sequence space that a segment takes: payload, SYN and FIN. */
uint64_t sequence_end(const struct result_packet *p);

/* Whether the connection still stood when the capture ended, and all of its last packets are here:
 * what was silent then is drawn to the end. */
bool sequence_lasts(const struct result_connection *c);

#endif

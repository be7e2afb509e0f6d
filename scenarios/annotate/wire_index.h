/* wire_index.h - one leg's raw capture, indexed: finds a connection's packets by number and time.
 * Knows no events. */
#ifndef WEDGE_SCENARIOS_ANNOTATE_WIRE_INDEX_H
#define WEDGE_SCENARIOS_ANNOTATE_WIRE_INDEX_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"
#include "proxy/base/err.h"

#include <stdbool.h>

#define FRAME_NONE SIZE_MAX

/* Address and port, comparable byte by byte. */
struct wire_end {
	uint8_t ip[16];
	uint8_t port[2];
};

/* A connection on the wire: client opened it, server accepted it. */
struct wire_conn {
	struct wire_end client, server;
};

struct wire_end wire_end(const struct addr *a);

/* Orders connections, memcmp's way: that between a1 and a2, that between b1 and b2. Both directions
 * of one are equal. */
int wire_compare(const struct wire_end *a1, const struct wire_end *a2, const struct wire_end *b1,
		 const struct wire_end *b2);
bool wire_end_equal(const struct wire_end *a, const struct wire_end *b);

struct frame {
	struct wire_end src, dst; /* all zero when the packet is no TCP */
	int64_t wall_ns;
	uint32_t seq, ack, len; /* len: of the payload */
	uint8_t flags;
};

struct wire_index {
	enum leg leg;
	struct frame *frames; /* in the order of the file */
	size_t n;
	uint32_t
	    *order; /* indices of frames by connection, a connection's in the order of the file */
};

/* Reads a whole capture (scenarios/base/pcapng_blocks.h); -1 with *e when it is broken. */
int wire_index_read(struct wire_index *w, enum leg leg, const uint8_t *data, size_t len,
		    struct err *e) WG_MUSTUSE;
void wire_index_free(struct wire_index *w);

/* The numbers and flags that a packet must have. */
struct packet_match {
	bool by_seq, by_ack, by_len;
	uint32_t seq, ack, len;
	uint8_t any_flags; /* at least one of these; 0: none needed */
	bool pure_ack;
};

/* Finds the first such packet that leaves wedge on this leg after that time (came = false), or the
 * last one that came to it before (came = true); FRAME_NONE when none is near. The search goes a
 * little to the other side of the time too, as far as two clocks may differ. */
size_t wire_find(const struct wire_index *w, const struct wire_conn *c,
		 const struct packet_match *what, bool came, int64_t wall_ns);

/* Finds the connection's last packet until then, else its first; FRAME_NONE when it has none. c
 * NULL: of all packets. */
size_t wire_near(const struct wire_index *w, const struct wire_conn *c, int64_t wall_ns);

#endif

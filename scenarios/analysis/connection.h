/* connection.h - one TCP connection while its segments are being read: what each side has sent,
 * acknowledged and announced, beside the findings for struct wire_connection. Private to the
 * analysis. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_CONNECTION_H
#define WEDGE_SCENARIOS_ANALYSIS_CONNECTION_H

#include "scenarios/analysis/chunked_body.h"
#include "scenarios/analysis/sendings.h"
#include "scenarios/analysis/sequence.h"
#include "scenarios/analysis/wire_connection.h"

/* A data segment that is not acknowledged yet. */
struct sent_data {
	uint64_t start, end;
	int64_t at;
	uint32_t frame, exchange;
};

/* The fields that identify a frame, to recognise a second copy of it. */
struct frame_print {
	int64_t at;
	uint32_t seq, ack, payload_len;
	uint16_t ip_id; /* 0: none, not judged */
	uint8_t flags;
};

/* One side: the data that it sends, and how far the other side has acknowledged that. */
struct half {
	struct seq_space seq;
	int64_t next_at; /* when seq.next last moved */
	uint64_t una;	 /* the highest acknowledgement of this side's bytes */
	bool una_known;
	unsigned dup_acks; /* duplicates of that acknowledgement, in a row */
	int64_t dup_ack_at;

	int64_t sent_last; /* its last packet of any kind; 0: none yet */
	int64_t asked_at;  /* what the other side has asked since then; 0: nothing */

	uint16_t window; /* last advertised by this side, as in the header */
	bool window_known;
	bool window_of_syn; /* that was in its SYN, where no scale applies */
	int wscale;	    /* from its SYN; -1: none or not seen */
	uint16_t mss;	    /* announced in its SYN: the other side's limit; 0: not seen */
	uint32_t largest;   /* largest payload sent */
	bool keepalive;	    /* its last segment was a keep-alive */
	int64_t last_at;    /* its last segment; 0: that had no ACK */
	uint32_t last_ack;  /* the acknowledgement in it */
	bool probed;	    /* its one-byte zero-window probe is not acknowledged yet */
	struct frame_print print;

	struct sent_data *flight; /* ascending; flight[flight_head] is the oldest */
	size_t flight_head, nflight, flight_room;
	uint64_t delivered; /* bytes of the largest segment that was acknowledged */
	struct sendings sendings;
	uint32_t resent_frame; /* the last retransmission; 0: none */

	/* The time that a packet of this side takes from the capture point to the other side and
	 * back. */
	int64_t handshake_rtt; /* by the handshake; 0: not seen */
	int64_t min_rtt;       /* the shortest of all; 0: none yet */

	struct wire_resend resend; /* the last segment that was sent again; at 0: none */

	size_t candidate; /* index + 1 of the ack gap that waits for the liberation test; 0: none */
	uint64_t candidate_bytes; /* payload of the data that it held */
};

struct connection {
	struct wire_connection wire; /* moved out at the end */
	/* Lists of findings grow with packets. Where false, only what the rules themselves need of
	 * them is kept, the last of each: for captures of any length. */
	bool keeps_lists;
	void *owner;		     /* of the observer; NULL at first */
	struct half half[DIR_COUNT]; /* by the direction in which it sends */
	size_t exchange_room, ack_room, resend_room, silence_room, flight_room;
	size_t sent_room[DIR_COUNT];
	uint32_t unseen;	/* acknowledgements of what the capture lacks */
	bool finished;		/* ending_finish was called */
	bool fin_wait_over;	/* R17: an end came */
	uint64_t request_end;	/* one past the last request byte */
	bool asks_head;		/* the request under way is HEAD */
	bool response_chunked;	/* the response under way is, and its end hasn't come */
	bool response_cut;	/* what it announces isn't in the capture, or can't be counted */
	uint64_t response_at;	/* its first byte */
	uint64_t response_head; /* bytes of its header; 0: it isn't whole in the first segment */
	struct chunked_body response_body;
	uint64_t fin_end[DIR_COUNT]; /* one past the FIN; 0: none */
	bool saw_rst, saw_fin;
	bool options_cut;	   /* a SYN's options aren't all in the capture */
	bool syn_known[DIR_COUNT]; /* isn is valid */
	uint32_t isn[DIR_COUNT];
};

/* Marks the connection as unreliable (R0). The first reason stays; why is a string constant. */
void connection_mark_unreliable(struct connection *c, const char *why);

/* Returns whether either side sent more than SYNs and RSTs: then its SYN was answered, even if the
 * capture lacks that. */
bool connection_goes_on(const struct wire_connection *w);

/* Returns the exchange that the connection is in, or NULL. */
struct wire_exchange *connection_current_exchange(const struct connection *c);

/* Returns the index of the exchange that the connection is in, or NO_EXCHANGE. */
uint32_t connection_exchange(const struct connection *c);

/* Returns the payload that dir's sender may put into one segment: the other side's announcement;
 * without one the largest seen, or TCP's default. */
uint32_t connection_segment_limit(const struct connection *c, enum dir dir);

/* Returns the window that dir's sender saw last, by its receiver's scale; 0: closed, or the capture
 * doesn't show the scale. */
uint64_t connection_window(const struct connection *c, enum dir dir);

/* True when the window that dir's sender saw last has room for a full segment. Where the capture
 * doesn't show the scale, any window but zero counts as room. */
bool connection_window_open(const struct connection *c, enum dir dir);

void connection_init(struct connection *c, const struct addr *client, const struct addr *server);

/* Frees all but the findings (wire), which are moved out before. */
void connection_fini(struct connection *c);

#endif

/* wire_connection.h - the findings about one connection of a capture, as the analysis hands them
 * over. Rule numbers (R4, ...) are those of docs/rules.md. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_WIRE_CONNECTION_H
#define WEDGE_SCENARIOS_ANALYSIS_WIRE_CONNECTION_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"

#include <stdbool.h>
#include <stddef.h>

/* One request with its response on the wire: request bytes, then response bytes, until the next
 * request byte. Times are wall-clock nanoseconds of the capture. */
struct wire_exchange {
	int64_t request_start, request_end;   /* first and last data segment of the request */
	int64_t response_start, response_end; /* 0 when no response byte was seen */
	uint64_t request_bytes, response_bytes;
	uint64_t response_segments; /* those that brought new bytes */
	int64_t data_gap;      /* longest time between consecutive data segments of the response */
	int64_t request_acked; /* when the whole request was first acknowledged; 0: never */
	uint64_t announced;    /* bytes of the whole response by its HTTP header or last chunk;
				* 0: not known; UINT64_MAX: the last chunk hasn't come */
	int64_t silence;       /* R9: how long the response stopped in its middle; 0: it didn't */
	int64_t silence_from;  /* since when */
	bool bodiless; /* the header of the response announces a body, of which nothing has come */
};

/* R14: a time in which one side left something unanswered, or stopped in what it was saying, for
 * 20 ms or more. */
struct wire_silence {
	int64_t last;  /* its last packet before */
	int64_t since; /* the packet that it left unanswered; last, if it went on by itself */
	int64_t to;    /* its next packet */
	enum dir dir;  /* the one in which it sends */
};

/* New data of the server, and the window that its client had announced last. */
struct wire_flight {
	int64_t at;
	uint64_t bytes;	 /* unacknowledged, these included */
	uint64_t window; /* by the client's scale; 0: closed, or the scale isn't known */
	uint16_t field;	 /* the same as in the header */
};

/* A segment that was sent again: the time since its first byte was last sent, and that gap before
 * this one (0: this is the first). */
struct wire_resend {
	int64_t at; /* when it had been sent before */
	int64_t gap, before;
	enum dir dir;
};

#define NO_EXCHANGE UINT32_MAX

/* An ACK that covers data segments for the first time, and the earliest of these segments. */
struct ack_gap {
	enum dir data_dir;		/* direction of the data */
	int64_t data_at;		/* the earliest data segment that the ACK newly covers */
	int64_t gap;			/* nanoseconds until the ACK */
	uint32_t data_frame, ack_frame; /* numbers in the capture, from 1 */
	uint32_t covered;		/* how many data segments the ACK newly covers */
	uint32_t exchange;		/* index of the data's exchange, or NO_EXCHANGE */
	bool pure;			/* the ACK carried no data, no SYN, FIN or RST */
	bool resent; /* part of the data was sent again or out of order: gap is ambiguous */
	bool stall;  /* R4 held: the ACK liberated the sender's next data */
	bool nagle;  /* stall: held data and liberated data are both smaller than a full segment */
	int64_t liberated; /* stall: nanoseconds from the ACK to that data */
};

/* The first answer of a connection: what came within 1 ms of its first byte is its burst. */
struct wire_first_answer {
	int64_t wait;	/* from the request's last byte */
	int64_t lasted; /* to its last byte */
	uint64_t burst, bytes;
};

struct wire_connection {
	struct addr client, server;
	uint32_t
	    index; /* in order of first packet; equals tshark's tcp.stream for TCP-only captures */
	/* tcp.stream went on to another number: both legs have its addresses and ports, and
	 * Wireshark takes the second one's SYN for a new connection of the first. */
	bool renumbered;
	int64_t first, last;		     /* times of the first and last packet */
	int64_t syn, syn_ack, handshake_ack; /* 0 when not seen */
	bool midstream;			     /* the SYN is not in the capture */
	/* Counts are indexed by the direction in which the segment travels. */
	uint64_t packets[DIR_COUNT]; /* of every kind, copies included */
	uint64_t data_segments[DIR_COUNT],
	    data_bytes[DIR_COUNT]; /* bytes without retransmitted ones */
	uint64_t retransmissions[DIR_COUNT];
	uint64_t fast_retransmissions[DIR_COUNT]; /* of them, behind three duplicate ACKs (R6) */
	uint64_t out_of_order[DIR_COUNT];	  /* late, but too soon after its successors for a
						     retransmission */
	uint64_t pure_acks[DIR_COUNT];
	uint64_t duplicate_acks[DIR_COUNT];
	uint64_t zero_windows[DIR_COUNT]; /* segments advertising window 0, without SYN, FIN, RST */
	uint64_t fins[DIR_COUNT], resets[DIR_COUNT], syns[DIR_COUNT];
	struct wire_exchange *exchanges;
	size_t nexchanges;
	struct ack_gap *acks;
	size_t nacks;
	int64_t fin_at[DIR_COUNT], rst_at[DIR_COUNT]; /* the first of each side; 0: none */
	int64_t fin_acked[DIR_COUNT];		      /* when the side's FIN was acknowledged */
	bool client_closes;    /* the client's FIN came, and no FIN or RST before it */
	int64_t fin_wait;      /* R17: from that FIN to the next end: the server's FIN, or an RST */
	int64_t dropped_after; /* R3a: from the SYN to the end that the server made; 0: it made none
				  so soon */
	int64_t unanswered; /* R3b: from the acknowledged request, without a byte of answer, to the
			       first FIN, RST, or the end; 0: it was answered */
	int64_t bodiless;   /* R9: from an acknowledged request to the first FIN, RST, or the end,
			       without   a byte of its answer's body; 0: there was one */
	bool headers_only;  /* ... behind the answer's header */
	bool truncated;	    /* R10 */
	struct wire_first_answer first_answer;
	int64_t reset_answered; /* R16: the first such RST; 0: none */
	int64_t reset_answer;	/* from the client's segment to it */
	struct wire_resend *resends;
	size_t nresends;
	int64_t *sent_at[DIR_COUNT]; /* all packets of each side, without copies */
	size_t nsent[DIR_COUNT];
	struct wire_silence *silences;
	size_t nsilences;
	struct wire_flight *flights;
	size_t nflights;
	int scale_offer; /* the client's window scale; 0: none, or its SYN wasn't seen */
	bool reused;	 /* an earlier connection had the same addresses and ports */
	bool unreliable; /* R0: the capture itself is faulty here */
	const char *unreliable_why;
};

/* True when the connection belongs to a server port; every connection belongs to port 0. Metrics
 * and verdicts select their connections by it. */
bool wire_connection_at_port(const struct wire_connection *w, uint16_t port);

/* Frees the lists of the findings. */
void wire_connection_fini(struct wire_connection *w);

#endif

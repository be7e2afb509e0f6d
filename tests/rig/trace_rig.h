/* trace_rig.h - a small capture in memory, written call by call, for unit tests of the analysis:
 * one client, one server, Ethernet, nanoseconds. Keeps the sequence numbers so that a test only
 * says what is odd about its segments. */
#ifndef WEDGE_TEST_TRACE_RIG_H
#define WEDGE_TEST_TRACE_RIG_H

#include "proxy/base/dir.h"
#include "scenarios/analysis/analysis.h"
#include "scenarios/base/pcapng.h"

#define TRACE_SERVER_PORT 80
#define TRACE_MSS	  1460
#define TRACE_WINDOW	  500 /* as in the header; scale 7 */

struct trace {
	struct pcapng_buf buf;
	int64_t now;	 /* stamp of the next packet */
	uint32_t frames; /* written so far: the number of the last one */
	uint16_t client_port, ip_id;
	bool ipv6;
	uint32_t next[DIR_COUNT];  /* next sequence number of the sender in this direction */
	uint32_t acked[DIR_COUNT]; /* the acknowledgement that this direction's segments carry */
	uint16_t window[DIR_COUNT];
	uint8_t ttl[DIR_COUNT];
	/* The timestamps option (RFC 7323) of the next segments; tsval 0: they have none. */
	uint32_t tsval, tsecr;
};

/* One segment in full; trace_segment changes nothing in the trace but the frame count and ip_id. */
struct trace_segment {
	enum dir dir;
	uint8_t flags;
	uint32_t seq, ack, len;
	uint16_t window;
	const char *text; /* the payload's beginning, which is captured too; NULL: nothing */
	uint32_t shown;	  /* bytes of text; 0: up to its NUL */
	bool sack;	  /* a SACK block of 100 bytes behind ack */
	uint32_t dsack;	  /* a SACK block of so many bytes that ends at ack (RFC 2883) */
	bool same_ip_id;
};

void trace_init(struct trace *t);
void trace_free(struct trace *t);

void trace_segment(struct trace *t, const struct trace_segment *s);

/* Lets ns pass before the next packet. */
void trace_wait(struct trace *t, int64_t ns);

/* Writes the three packets of a new connection on other numbers (also on the same port), rtt/2
 * apart each. */
void trace_handshake(struct trace *t, int64_t rtt);
void trace_syn(struct trace *t);
void trace_syn_ack(struct trace *t);

/* As trace_data, but the capture also has the payload's beginning (at most TRACE_TEXT_MAX bytes).
 */
#define TRACE_TEXT_MAX 256
void trace_text(struct trace *t, enum dir dir, const char *text, uint32_t len);

/* Writes the next segment in order, with the acknowledgement that this side has sent last. */
void trace_data(struct trace *t, enum dir dir, uint32_t len);
void trace_fin(struct trace *t, enum dir dir);
void trace_rst(struct trace *t, enum dir dir);

/* Writes a pure ACK travelling in dir, of everything sent against dir; the next data carries it
 * too.
 */
void trace_ack(struct trace *t, enum dir dir);

/* As trace_data, but piggybacking an acknowledgement of everything. */
void trace_reply(struct trace *t, enum dir dir, uint32_t len);

/* Writes again len bytes that begin `back` bytes before the next sequence number. */
void trace_resend(struct trace *t, enum dir dir, uint32_t back, uint32_t len);

/* Sends bytes that never reach the capture. */
void trace_lose(struct trace *t, enum dir dir, uint32_t len);

/* Has the analysis read the capture as a file that exists only in memory. */
int trace_read(const struct trace *t, struct analysis **out, struct err *e);

/* Returns a descriptor with the bytes as a file that exists only in memory, and its path in path;
 * -1 with *e. */
#define TRACE_PATH 32
int trace_open(const uint8_t *data, size_t len, char path[TRACE_PATH], struct err *e);

/* As trace_read, for a capture that can be read; frees the trace. */
struct analysis *trace_take(struct trace *t);

/* As trace_read, for any bytes. */
int trace_read_bytes(const uint8_t *data, size_t len, struct analysis **out, struct err *e);

#endif

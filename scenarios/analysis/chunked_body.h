/* chunked_body.h - finds where a chunked body of HTTP/1.1 ends (RFC 9112 7.1) in segments that may
 * be captured in part. Knows no connections; bounded. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_CHUNKED_BODY_H
#define WEDGE_SCENARIOS_ANALYSIS_CHUNKED_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chunked_at {
	CHUNKED_SIZE,	   /* the hexadecimal digits */
	CHUNKED_EXTENSION, /* the rest of their line */
	CHUNKED_DATA,
	CHUNKED_DATA_END, /* the line end behind a chunk's data */
	CHUNKED_TRAILER,  /* behind the last chunk, at the beginning of a line */
	CHUNKED_FIELD,	  /* inside a trailer field's line */
	CHUNKED_WHOLE,	  /* the empty line behind the last chunk was read */
	CHUNKED_LOST,	  /* it can't be known: broken, or not captured */
};

struct chunked_body {
	enum chunked_at at;
	uint64_t left;	 /* bytes of the chunk */
	unsigned digits; /* of its size so far, leading zeros but for one left out */
	uint64_t next;	 /* sequence number of the next byte */
	uint64_t data;	 /* bytes of chunks so far, without the coding's own */
};

/* Begins a body at that sequence number. */
void chunked_body_begin(struct chunked_body *b, uint64_t seq);

/* Takes a segment of len bytes from seq, of which the first captured are at data. Bytes that were
 * taken before are passed over, and those behind a hole, until it is filled. Once it is whole or
 * lost nothing changes any more; next is then one past the last byte taken. */
void chunked_body_take(struct chunked_body *b, uint64_t seq, const uint8_t *data, size_t captured,
		       size_t len);

#endif

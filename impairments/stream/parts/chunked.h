/* chunked.h - where in a stream of HTTP/1.1 messages with chunked coding one stands: only so much
 * of RFC 9112 as is needed to find the places before a chunk. Knows no stages. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_CHUNKED_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chunked_at {
	CHUNKED_HEAD,	 /* start line and fields */
	CHUNKED_SIZE,	 /* before or in the digits of a chunk's size */
	CHUNKED_REST,	 /* the rest of that line: extensions */
	CHUNKED_DATA,	 /* a chunk's data and the line end behind it */
	CHUNKED_TRAILER, /* behind the last chunk */
	CHUNKED_LOST,	 /* what isn't chunked: its end is unknown */
};

#define CHUNKED_LINE 64

/* Zeroed: before a message. */
struct chunked {
	enum chunked_at at;
	uint64_t left;	 /* digits' value so far, or bytes of data still to come */
	size_t digits;	 /* of the size line, seen so far */
	bool coded;	 /* the message says Transfer-Encoding: chunked */
	size_t line_len; /* of the present field line, capped */
	char line[CHUNKED_LINE];
};

void chunked_feed(struct chunked *c, const unsigned char *p, size_t n);

/* Exactly between two chunks, or between the head and the first. */
bool chunked_before_chunk(const struct chunked *c);

#endif

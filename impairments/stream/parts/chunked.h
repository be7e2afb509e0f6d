/* chunked.h - finds the places before a chunk in a stream of HTTP/1.1 messages with chunked coding
 * (RFC 9112 section 7.1). Gives up at the first message without it, and otherwise forgives more
 * than the reader that counts messages (trigger/framing_http1.h). Knows no stages. */
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
	CHUNKED_LOST,	 /* behind the head of a message that isn't chunked: its end is unknown */
};

#define CHUNKED_LINE 64

/* Zeroed: at the beginning of a message. */
struct chunked {
	enum chunked_at at;
	uint64_t left;	 /* the digits' value so far, or bytes of data to come */
	size_t digits;	 /* digits of the size so far */
	bool coded;	 /* the message has Transfer-Encoding: chunked */
	size_t line_len; /* of the line under way, as far as it is held */
	char line[CHUNKED_LINE];
};

/* Reads the stream's next n bytes. */
void chunked_feed(struct chunked *c, const unsigned char *p, size_t n);

/* Returns whether the stream stands exactly before a chunk. */
bool chunked_before_chunk(const struct chunked *c);

#endif

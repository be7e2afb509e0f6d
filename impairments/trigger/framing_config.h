/* framing_config.h - what a message is, as configured: the kinds of framing and their parameters.
 */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_CONFIG_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

enum framing_kind {
	FRAMING_NONE,
	FRAMING_LINE,	       /* ends with a line feed */
	FRAMING_HTTP1,	       /* RFC 9112; interim (1xx) responses belong to the final one */
	FRAMING_TLS,	       /* TLS records, RFC 8446 section 5.1 */
	FRAMING_TLS_HANDSHAKE, /* TLS handshake messages, as far as they are known */
	FRAMING_LENGTH,	       /* a length field tells how many bytes follow it */
	FRAMING_DELIMITER,
	FRAMING_CHUNKED, /* the same in HTTP/1 bodies, told where a chunk ends */
	FRAMING_KINDS
};

static inline bool framing_reads_http1(enum framing_kind kind)
{
	return kind == FRAMING_HTTP1 || kind == FRAMING_CHUNKED;
}

static inline bool framing_has_delimiter(enum framing_kind kind)
{
	return kind == FRAMING_DELIMITER || kind == FRAMING_CHUNKED;
}

#define DELIMITER_MAX 64

struct framing_config {
	enum framing_kind kind;
	/* FRAMING_LENGTH: a message is offset bytes, the field, and value + extra bytes */
	uint64_t offset;
	unsigned width; /* bytes of the field, 1 to 8 */
	bool little;	/* the field is little endian */
	int64_t extra;
	/* FRAMING_DELIMITER, FRAMING_CHUNKED: set by framing_set_delimiter */
	unsigned char delimiter[DELIMITER_MAX];
	unsigned delimiter_len;
	unsigned char fallback[DELIMITER_MAX]; /* Knuth, Morris and Pratt's failure table */
};

#endif

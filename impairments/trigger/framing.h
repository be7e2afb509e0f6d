/* framing.h - where messages begin and end in a stream of bytes, for counting them. Only looks on:
 * incremental, in bounded memory, indifferent to how the bytes are cut into pieces. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_H

#include "proxy/base/dir.h"
#include "proxy/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct message_marks;

enum framing_kind {
	FRAMING_NONE,
	FRAMING_LINE,	       /* ends with a line feed */
	FRAMING_HTTP1,	       /* RFC 9112; interim (1xx) responses belong to the final one */
	FRAMING_TLS,	       /* TLS records, RFC 8446 section 5.1 */
	FRAMING_TLS_HANDSHAKE, /* TLS handshake messages, as far as they are known */
	FRAMING_LENGTH,	       /* a length field says how many bytes follow it */
	FRAMING_DELIMITER,
	FRAMING_KINDS
};

extern const char *const framing_names[]; /* NULL-terminated, by enum framing_kind */

#define DELIMITER_MAX 64

struct framing_config {
	enum framing_kind kind;
	/* FRAMING_LENGTH: offset bytes, the field, value + extra bytes */
	uint64_t offset;
	unsigned width; /* bytes of the field, 1 to 8 */
	bool little;	/* endian */
	int64_t extra;
	/* FRAMING_DELIMITER */
	unsigned char delimiter[DELIMITER_MAX];
	unsigned delimiter_len;
	unsigned char fallback[DELIMITER_MAX]; /* Knuth, Morris and Pratt's table */
};

/* text with \n \r \t \0 \\ \xNN escapes becomes the delimiter. */
int framing_set_delimiter(struct framing_config *c, const char *text, struct err *e) WG_MUSTUSE;

enum framing_mark {
	MARK_NONE,
	MARK_HEADER, /* http1: the start line is over */
	MARK_BODY,   /* the header, length field or record header is over; there may be no body */
	MARK_END,    /* the message is over */
	MARK_LOST,   /* this isn't what it was said to be: nothing can be counted any more */
};

#define FRAMING_LINE_MAX     256   /* bytes of a line that are kept: all that is looked at */
#define FRAMING_LINE_LONGEST 65536 /* a longer line of http1 is no line */
#define FRAMING_LEAP	     (UINT64_C(1) << 48) /* a longer message is garbage */

struct framing {
	const struct framing_config *config;
	enum dir dir; /* http1: requests go upstream */
	unsigned state;
	uint64_t left;	  /* bytes of what is being passed over */
	uint64_t value;	  /* of a length field under way */
	unsigned matched; /* bytes of a field or delimiter */
	const char *why;  /* lost: the reason */
	/* http1 */
	bool interim, no_body, coded, chunked, has_length, was_cr;
	uint64_t length; /* Content-Length */
	char line[FRAMING_LINE_MAX];
	uint64_t line_len; /* of the whole line so far */
	/* tls-handshake */
	const struct message_marks *marks; /* where the messages end; NULL: read from the records */
	unsigned char record;		   /* type of the one under way */
	uint64_t record_left;
	unsigned header; /* bytes of a record's header so far */
	bool changed;	 /* change_cipher_spec has passed */
};

void framing_init(struct framing *f, const struct framing_config *c, enum dir dir);

/* tls-handshake: the marks tell where messages end; at bytes have passed. Returns how many messages
 * those were. */
uint64_t framing_mark(struct framing *f, const struct message_marks *marks, uint64_t at);

/* Reads bytes and stops behind the first that completes a part, which *mark names; returns how many
 * it has read, all of them with MARK_NONE. Call it also with n = 0 after each mark: an empty body
 * is over at once. */
size_t framing_read(struct framing *f, const unsigned char *p, size_t n, enum framing_mark *mark);

/* The stream has ended: MARK_END when that ends a message, else MARK_NONE. */
enum framing_mark framing_finish(struct framing *f);

#endif

/* framing.h - finds where messages begin and end in a stream of bytes, so that they can be counted.
 * Only looks on: it reads any pieces of the stream, in bounded memory, and finds the same messages
 * however the stream is cut. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_H

#include "impairments/trigger/framing_chunked.h"
#include "impairments/trigger/framing_delimiter.h"
#include "impairments/trigger/framing_http1.h"
#include "impairments/trigger/framing_length.h"
#include "impairments/trigger/framing_tls.h"

extern const char *const framing_names[]; /* NULL-terminated, by enum framing_kind */

struct framing {
	const struct framing_reader *reader;
	const char *why; /* NULL until MARK_LOST, then the reason */
	union {
		struct framing_chunked chunked;
		struct framing_delimiter delimiter;
		struct framing_http1 http1;
		struct framing_length length;
		struct framing_tls tls;
		struct framing_tls_handshake tls_handshake;
	} state; /* of the reader */
};

/* Begins at the start of a message. c must outlive f; dir tells requests from responses. */
void framing_init(struct framing *f, const struct framing_config *c, enum dir dir);

/* For FRAMING_TLS_HANDSHAKE: takes the messages' ends from marks, which must outlive f, instead of
 * from the bytes; at bytes have passed. Returns how many messages have ended within these. */
uint64_t framing_use_marks(struct framing *f, const struct message_marks *marks, uint64_t at);

/* For kinds that framing_reads_http1: notes the requests that it reads in r, or, of responses,
 * takes from r what they answer. r must outlive f. */
void framing_note_requests(struct framing *f, struct http1_requests *r);
void framing_use_requests(struct framing *f, const struct http1_requests *r);

/* Reads up to n bytes and stops behind the first that completes a part of a message, which *mark
 * names. Returns how many bytes it has read: all n with MARK_NONE. Call it also with n = 0 after
 * each mark, since an empty body is complete at once. */
size_t framing_read(struct framing *f, const unsigned char *p, size_t n, enum framing_mark *mark);

/* The stream has ended. Returns MARK_END when its end completes a message, else MARK_NONE. */
enum framing_mark framing_finish(struct framing *f);

#endif

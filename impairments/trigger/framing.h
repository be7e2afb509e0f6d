/* framing.h - where messages begin and end in a stream of bytes, for counting them. Only looks on:
 * incremental, in bounded memory, indifferent to how the bytes are cut into pieces. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_H

#include "impairments/trigger/framing_delimiter.h"
#include "impairments/trigger/framing_http1.h"
#include "impairments/trigger/framing_length.h"
#include "impairments/trigger/framing_tls.h"

extern const char *const framing_names[]; /* NULL-terminated, by enum framing_kind */

struct framing {
	const struct framing_reader *reader;
	const char *why; /* MARK_LOST has come: the reason */
	union {
		struct framing_delimiter delimiter;
		struct framing_http1 http1;
		struct framing_length length;
		struct framing_tls tls;
		struct framing_tls_handshake tls_handshake;
	} state; /* the reader's */
};

void framing_init(struct framing *f, const struct framing_config *c, enum dir dir);

/* tls-handshake: the marks tell where messages end; at bytes have passed. Returns how many messages
 * those were. */
uint64_t framing_use_marks(struct framing *f, const struct message_marks *marks, uint64_t at);

/* Reads bytes and stops behind the first that completes a part, which *mark names; returns how many
 * it has read, all of them with MARK_NONE. Call it also with n = 0 after each mark: an empty body
 * is over at once. */
size_t framing_read(struct framing *f, const unsigned char *p, size_t n, enum framing_mark *mark);

/* The stream has ended: MARK_END when that ends a message, else MARK_NONE. */
enum framing_mark framing_finish(struct framing *f);

#endif

/* framing_tls.c - messages as TLS records, and as handshake messages: those that stand in clear
 * text, or all of them where wedge itself makes them and says where they end. */
#include "impairments/trigger/framing_internal.h"

#include "proxy/stream/flow/message_marks.h"

/* Type, version, length (RFC 8446 section 5.1; 5.2 allows 256 bytes more, TLS 1.2 2,048: RFC 5246
 * section 6.2.3). */
#define TLS_HEADER     5
#define TLS_RECORD_MAX (16384 + 2048)
#define TLS_TYPE_MIN   20
#define TLS_TYPE_MAX   24

#define TYPE_CHANGE	 20 /* change_cipher_spec */
#define TYPE_HANDSHAKE	 22
#define TYPE_DATA	 23 /* application_data, or anything in TLS 1.3 once it is encrypted */
#define HANDSHAKE_HEADER 4  /* type and 24 bits of length, RFC 8446 section 4 */

enum state { STATE_HEADER, STATE_BODY };

static bool header_byte(unsigned place, unsigned char byte, uint64_t *length)
{
	switch (place) {
	case 0:
		return byte >= TLS_TYPE_MIN && byte <= TLS_TYPE_MAX;
	case 1:
		return byte == 3;
	case 2:
		return byte <= 4;
	default:
		*length = *length << 8 | byte;
		return *length <= TLS_RECORD_MAX;
	}
}

size_t framing_read_tls(struct framing *f, const unsigned char *p, size_t n,
			enum framing_mark *mark)
{
	size_t i = 0;

	if (f->state == STATE_BODY) {
		i = framing_skip(f, n);
		if (!f->left) {
			f->state = STATE_HEADER;
			*mark = MARK_END;
		}
		return i;
	}
	while (i < n) {
		if (!header_byte(f->matched++, p[i++], &f->left)) {
			*mark = framing_lose(f, "this is no TLS record");
			return i;
		}
		if (f->matched == TLS_HEADER) {
			f->matched = 0;
			f->state = STATE_BODY;
			*mark = MARK_BODY;
			return i;
		}
	}
	return i;
}

uint64_t framing_mark(struct framing *f, const struct message_marks *marks, uint64_t at)
{
	f->marks = marks;
	f->value = at;
	while (f->matched < marks->n && marks->end[f->matched] <= at)
		f->matched++;
	return f->matched;
}

/* value is the byte, matched the number of messages before it. */
static size_t read_marked(struct framing *f, size_t n, enum framing_mark *mark)
{
	uint64_t left = f->matched < f->marks->n ? f->marks->end[f->matched] - f->value : n + 1;
	size_t k = left < n ? (size_t)left : n;

	f->value += k;
	if (n && k == left) {
		f->matched++;
		*mark = MARK_END;
	}
	return k;
}

/* One byte of a record's header. */
static enum framing_mark record_byte(struct framing *f, unsigned char byte)
{
	if (f->header == 0)
		f->record = byte;
	if (!header_byte(f->header++, byte, &f->record_left))
		return framing_lose(f, "this is no TLS record");
	if (f->header < TLS_HEADER)
		return MARK_NONE;
	f->header = 0;
	if (f->record == TYPE_DATA)
		return framing_lose(f, "what follows of the handshake, if anything, is encrypted");
	f->changed |= f->record == TYPE_CHANGE;
	return MARK_NONE;
}

/* One byte of a handshake message: its header, whose length counts down. */
static enum framing_mark message_byte(struct framing *f, unsigned char byte)
{
	if (f->matched) /* the length */
		f->left = f->left << 8 | byte;
	if (++f->matched < HANDSHAKE_HEADER)
		return MARK_NONE;
	if (f->left)
		return MARK_NONE;
	f->matched = 0;
	return MARK_END;
}

/* Bytes inside a handshake record, up to the end of a message. Behind change_cipher_spec they are
 * encrypted, or a hello again: a record is a message either way. */
static size_t read_content(struct framing *f, const unsigned char *p, size_t n,
			   enum framing_mark *mark)
{
	size_t i = 0;

	n = f->record_left < n ? (size_t)f->record_left : n;
	if (f->changed) {
		i = n;
	} else if (f->matched < HANDSHAKE_HEADER) {
		while (i < n && f->matched < HANDSHAKE_HEADER && *mark == MARK_NONE)
			*mark = message_byte(f, p[i++]);
	} else {
		i = framing_skip(f, n);
		if (!f->left) {
			f->matched = 0;
			*mark = MARK_END;
		}
	}
	f->record_left -= i;
	if (f->changed && !f->record_left)
		*mark = MARK_END;
	return i;
}

size_t framing_read_handshake(struct framing *f, const unsigned char *p, size_t n,
			      enum framing_mark *mark)
{
	size_t i = 0;

	if (f->marks)
		return read_marked(f, n, mark);
	while (i < n && *mark == MARK_NONE) {
		if (f->header || !f->record_left) {
			*mark = record_byte(f, p[i++]);
		} else if (f->record == TYPE_HANDSHAKE) {
			i += read_content(f, p + i, n - i, mark);
		} else {
			size_t k = f->record_left < n - i ? (size_t)f->record_left : n - i;

			f->record_left -= k;
			i += k;
		}
	}
	return i;
}

/* framing_tls.c - reads headers byte by byte, everything else by its length. */
#include "impairments/trigger/framing_tls.h"

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

/* Reads the byte at that place of a record's header, of which the last two are the length. False
 * when no record has this byte there. */
static bool read_header_byte(unsigned place, unsigned char byte, uint64_t *length)
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

static size_t read_records(void *state, const unsigned char *p, size_t n, struct framing_step *step)
{
	struct framing_tls *t = state;
	size_t i = 0;

	if (t->header == TLS_HEADER) {
		i = framing_skip(&t->left, n);
		if (!t->left) {
			t->header = 0;
			step->mark = MARK_END;
		}
		return i;
	}
	while (i < n && step->mark == MARK_NONE) {
		if (!read_header_byte(t->header++, p[i++], &t->left))
			framing_lose(step, "this is no TLS record");
		else if (t->header == TLS_HEADER)
			step->mark = MARK_BODY;
	}
	return i;
}

const struct framing_reader framing_tls_reader = {.read = read_records};

uint64_t framing_tls_handshake_mark(struct framing_tls_handshake *h,
				    const struct message_marks *marks, uint64_t at)
{
	h->marks = marks;
	h->at = at;
	while (h->ended < marks->n && marks->end[h->ended] <= at)
		h->ended++;
	return h->ended;
}

static size_t read_marked(struct framing_tls_handshake *h, size_t n, struct framing_step *step)
{
	uint64_t left = h->ended < h->marks->n ? h->marks->end[h->ended] - h->at : n + 1;
	size_t k = left < n ? (size_t)left : n;

	h->at += k;
	if (n && k == left) {
		h->ended++;
		step->mark = MARK_END;
	}
	return k;
}

static void read_record_byte(struct framing_tls_handshake *h, unsigned char byte,
			     struct framing_step *step)
{
	if (h->record_header == 0)
		h->type = byte;
	if (!read_header_byte(h->record_header++, byte, &h->record_left)) {
		framing_lose(step, "this is no TLS record");
		return;
	}
	if (h->record_header < TLS_HEADER)
		return;
	h->record_header = 0;
	if (h->type == TYPE_DATA)
		framing_lose(step, "what follows of the handshake, if anything, is encrypted");
	h->changed |= h->type == TYPE_CHANGE;
}

/* Reads one byte of a handshake message's header. */
static void read_message_byte(struct framing_tls_handshake *h, unsigned char byte,
			      struct framing_step *step)
{
	if (h->message_header) /* the type is behind: this is a byte of the length */
		h->message_left = h->message_left << 8 | byte;
	if (++h->message_header < HANDSHAKE_HEADER || h->message_left)
		return;
	h->message_header = 0;
	step->mark = MARK_END;
}

/* Reads bytes inside a handshake record, up to the end of a message. Behind change_cipher_spec the
 * bytes are encrypted, or they are a second hello: a record is one message either way. */
static size_t read_content(struct framing_tls_handshake *h, const unsigned char *p, size_t n,
			   struct framing_step *step)
{
	size_t i = 0;

	n = h->record_left < n ? (size_t)h->record_left : n;
	if (h->changed) {
		i = n;
	} else if (h->message_header < HANDSHAKE_HEADER) {
		while (i < n && h->message_header < HANDSHAKE_HEADER && step->mark == MARK_NONE)
			read_message_byte(h, p[i++], step);
	} else {
		i = framing_skip(&h->message_left, n);
		if (!h->message_left) {
			h->message_header = 0;
			step->mark = MARK_END;
		}
	}
	h->record_left -= i;
	if (h->changed && !h->record_left)
		step->mark = MARK_END;
	return i;
}

static size_t read_handshake(void *state, const unsigned char *p, size_t n,
			     struct framing_step *step)
{
	struct framing_tls_handshake *h = state;
	size_t i = 0;

	if (h->marks)
		return read_marked(h, n, step);
	while (i < n && step->mark == MARK_NONE) {
		if (h->record_header || !h->record_left)
			read_record_byte(h, p[i++], step);
		else if (h->type == TYPE_HANDSHAKE)
			i += read_content(h, p + i, n - i, step);
		else
			i += framing_skip(&h->record_left, n - i);
	}
	return i;
}

const struct framing_reader framing_tls_handshake_reader = {.read = read_handshake};

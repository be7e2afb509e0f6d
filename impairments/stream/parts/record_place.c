/* record_place.c - header by header; what is no record is told by its first bytes. */
#include "impairments/stream/parts/record_place.h"

#include "proxy/base/byteorder.h"
#include "proxy/stream/flow/stage.h"

#include <event2/buffer.h>

#define TYPE_FIRST 20 /* change_cipher_spec */
#define TYPE_LAST  24 /* heartbeat */

/* Returns how many of the n bytes at p belong to the record. */
static size_t note_record(struct record_place *at, const unsigned char *p, size_t n)
{
	size_t used = 0;

	while (used < n && at->have < RECORD_HEADER && !at->left)
		at->header[at->have++] = p[used++];
	if (at->have == RECORD_HEADER) {
		at->have = 0;
		at->left = get_be16(at->header + 3);
		at->lost =
		    at->header[0] < TYPE_FIRST || at->header[0] > TYPE_LAST || at->header[1] != 3;
		if (at->lost)
			at->left = 0;
	}
	n = at->left < n - used ? at->left : n - used;
	at->left -= n;
	return used + n;
}

/* Returns how many bytes were noted: all, or those up to the next place between two records. */
static size_t note_bytes(struct record_place *at, struct evbuffer *buf, bool to_end)
{
	struct evbuffer_ptr from;
	struct evbuffer_iovec piece;
	size_t done = 0, n;

	while (evbuffer_ptr_set(buf, &from, done, EVBUFFER_PTR_SET) == 0 &&
	       evbuffer_peek(buf, -1, &from, &piece, 1) > 0 && piece.iov_len) {
		for (n = 0; n < piece.iov_len && !at->lost;) {
			n +=
			    note_record(at, (unsigned char *)piece.iov_base + n, piece.iov_len - n);
			if (to_end && record_place_is_between(at))
				return done + n;
		}
		if (at->lost)
			return evbuffer_get_length(buf);
		done += n;
	}
	return done;
}

void record_place_note(struct record_place *at, struct evbuffer *buf)
{
	if (!at->lost)
		note_bytes(at, buf, false);
}

bool record_place_pass_rest(struct record_place *at, struct stage *st, struct evbuffer *buf)
{
	struct evbuffer *rest = evbuffer_new();
	size_t n = record_place_is_between(at) ? 0 : note_bytes(at, buf, true);

	BUG_ON(!rest || evbuffer_remove_buffer(buf, rest, n) == -1);
	stage_pass(st, rest);
	evbuffer_free(rest);
	return !record_place_is_between(at);
}

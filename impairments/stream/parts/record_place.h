/* record_place.h - where in a TLS record (RFC 8446 section 5.1) a stream is, so that a stage that
 * begins to act inside of one finds the next. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_RECORD_PLACE_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_RECORD_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define RECORD_HEADER 5

struct evbuffer;
struct stage;

/* Zeroed: between two records. */
struct record_place {
	unsigned char header[RECORD_HEADER];
	size_t have; /* bytes of a header */
	size_t left; /* bytes of the record behind its header */
	bool lost;   /* what came was no TLS record: every place is between two */
};

/* Takes note of the bytes of buf. */
void record_place_note(struct record_place *p, struct evbuffer *buf);

/* Passes, and takes note of, the bytes of buf up to the end of the record that has begun. Returns
 * whether there is more of it to come. */
bool record_place_pass_rest(struct record_place *p, struct stage *st, struct evbuffer *buf);

static inline bool record_place_is_between(const struct record_place *p)
{
	return !p->have && !p->left;
}

#endif

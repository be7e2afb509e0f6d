/* framing_length.h - the reader of messages with a length field. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_LENGTH_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_LENGTH_H

#include "impairments/trigger/framing_reader.h"

enum framing_length_at { LENGTH_OFFSET, LENGTH_FIELD, LENGTH_BODY };

struct framing_length {
	const struct framing_config *config;
	enum framing_length_at at;
	uint64_t left;	/* bytes of the offset or the body that are still to come */
	uint64_t value; /* of the field so far */
	unsigned width; /* bytes of the field so far */
};

extern const struct framing_reader framing_length_reader;

#endif

/* framing_chunked.h - the reader of what a delimiter ends in HTTP/1 bodies, chunked ones (RFC 9112
 * section 7.1): a message has passed when the chunk has in which it ends. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_CHUNKED_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_CHUNKED_H

#include "impairments/trigger/framing_delimiter.h"
#include "impairments/trigger/framing_http1.h"

struct framing_chunked {
	struct framing_http1 http;
	struct framing_delimiter delimiter; /* read from the bodies alone */
	uint64_t ended;			    /* messages, in the chunk under way */
};

extern const struct framing_reader framing_chunked_reader;

#endif

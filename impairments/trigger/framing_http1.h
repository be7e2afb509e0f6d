/* framing_http1.h - the reader of HTTP/1 messages (RFC 9112 section 6), which for responses needs
 * to know their requests. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_HTTP1_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_HTTP1_H

#include "impairments/trigger/framing_reader.h"
#include "impairments/trigger/http1_requests.h"

#define HTTP1_LINE_MAX	   256	 /* bytes of a line that are held and looked at */
#define HTTP1_LINE_LONGEST 65536 /* bytes; a longer line isn't HTTP */

enum framing_http1_at {
	HTTP1_START, /* the start line, or empty lines before it */
	HTTP1_FIELDS,
	HTTP1_BODY,
	HTTP1_CHUNK_SIZE,
	HTTP1_CHUNK, /* the bytes of a chunk */
	HTTP1_CHUNK_END,
	HTTP1_TRAILER,
};

struct framing_http1 {
	enum dir dir; /* requests go upstream */
	enum framing_http1_at at;
	bool interim, no_body, coded, chunked, has_length;
	bool switched; /* what follows this message isn't HTTP/1 */
	/* One of these, or none: where requests are noted, or what is known of them. */
	struct http1_requests *note;
	const struct http1_requests *requests;
	uint64_t responses; /* that aren't interim */
	uint64_t length;    /* Content-Length */
	uint64_t left;	    /* bytes of the body or chunk; UINT64_MAX: to the end of the stream */
	bool was_cr;
	char line[HTTP1_LINE_MAX];
	uint64_t line_len; /* of the whole line so far */
};

extern const struct framing_reader framing_http1_reader;

#endif

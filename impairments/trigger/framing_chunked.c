/* framing_chunked.c - looks for the delimiter in what the reader of HTTP/1 takes for a body. All
 * that ends in one chunk is told behind it, one mark for each. */
#include "impairments/trigger/framing_chunked.h"

#include <string.h>

static void begin_chunked(void *state, const struct framing_config *c, enum dir dir)
{
	struct framing_chunked *r = state;

	framing_http1_reader.begin(&r->http, c, dir);
	framing_delimiter_reader.begin(&r->delimiter, c, dir);
}

/* Returns how many of n bytes to read next: in a body at most to a delimiter, else at most a line.
 */
static size_t measure_piece(struct framing_chunked *r, const unsigned char *p, size_t n)
{
	struct framing_step found = {.mark = MARK_NONE};
	const unsigned char *feed;

	if (r->http.at == HTTP1_BODY || r->http.at == HTTP1_CHUNK) {
		if (r->http.left < n)
			n = (size_t)r->http.left;
		n = framing_delimiter_reader.read(&r->delimiter, p, n, &found);
		r->ended += found.mark == MARK_END;
		return n;
	}
	if (r->http.at == HTTP1_START)
		r->delimiter.matched = 0;
	feed = memchr(p, '\n', n);
	return feed ? (size_t)(feed - p) + 1 : n;
}

static bool is_at_edge(const struct framing_http1 *h)
{
	return h->at != HTTP1_CHUNK && h->at != HTTP1_CHUNK_END;
}

static size_t read_chunked(void *state, const unsigned char *p, size_t n, struct framing_step *step)
{
	struct framing_chunked *r = state;
	struct framing_step http;
	size_t used = 0;

	while (!r->ended || !is_at_edge(&r->http)) {
		if (used == n)
			return n;
		http = (struct framing_step){.mark = MARK_NONE};
		used += framing_http1_reader.read(&r->http, p + used,
						  measure_piece(r, p + used, n - used), &http);
		if (http.mark == MARK_LOST) {
			*step = http;
			return used;
		}
	}
	r->ended--;
	step->mark = MARK_END;
	return used;
}

const struct framing_reader framing_chunked_reader = {.begin = begin_chunked, .read = read_chunked};

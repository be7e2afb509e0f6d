/* framing.c - a table of the readers; the chosen one gets the bytes until it is lost. */
#include "impairments/trigger/framing.h"

#include "proxy/base/attrs.h"

#include <string.h>

const char *const framing_names[] = {"none",
				     "line",
				     "http1",
				     "tls-record",
				     "tls-handshake",
				     "length-prefixed",
				     "delimiter",
				     "chunked-delimiter",
				     NULL};

static const struct framing_reader *const readers[FRAMING_KINDS] = {
    [FRAMING_LINE] = &framing_line_reader,
    [FRAMING_HTTP1] = &framing_http1_reader,
    [FRAMING_TLS] = &framing_tls_reader,
    [FRAMING_TLS_HANDSHAKE] = &framing_tls_handshake_reader,
    [FRAMING_LENGTH] = &framing_length_reader,
    [FRAMING_DELIMITER] = &framing_delimiter_reader,
    [FRAMING_CHUNKED] = &framing_chunked_reader,
};

void framing_init(struct framing *f, const struct framing_config *c, enum dir dir)
{
	memset(f, 0, sizeof(*f));
	f->reader = readers[c->kind];
	if (f->reader && f->reader->begin)
		f->reader->begin(&f->state, c, dir);
}

uint64_t framing_use_marks(struct framing *f, const struct message_marks *marks, uint64_t at)
{
	BUG_ON(f->reader != &framing_tls_handshake_reader);
	return framing_tls_handshake_mark(&f->state.tls_handshake, marks, at);
}

static struct framing_http1 *http1_of(struct framing *f)
{
	if (f->reader == &framing_chunked_reader)
		return &f->state.chunked.http;
	BUG_ON(f->reader != &framing_http1_reader);
	return &f->state.http1;
}

void framing_note_requests(struct framing *f, struct http1_requests *r)
{
	http1_of(f)->note = r;
}

void framing_use_requests(struct framing *f, const struct http1_requests *r)
{
	http1_of(f)->requests = r;
}

size_t framing_read(struct framing *f, const unsigned char *p, size_t n, enum framing_mark *mark)
{
	struct framing_step step = {.mark = MARK_NONE};

	if (f->reader && !f->why)
		n = f->reader->read(&f->state, p, n, &step);
	f->why = step.why ? step.why : f->why;
	*mark = step.mark;
	return n;
}

enum framing_mark framing_finish(struct framing *f)
{
	if (f->why || !f->reader || !f->reader->finish)
		return MARK_NONE;
	return f->reader->finish(&f->state);
}

/* endings.c - each rule marks the connection when its condition holds; R9 and R3b look again
 * whenever an open connection could have ended. */
#include "scenarios/analysis/endings.h"

#include "proxy/base/clock.h"

#include <string.h>
#include <strings.h>

#define SILENCE_MIN	  (5 * NS_PER_S) /* R9 */
#define SILENCE_TIMES_GAP 10		 /* R9: least multiple of the longest pause before */
#define DROP_LIFETIME	  (1 * NS_PER_S) /* R3a */

static bool has_ended(const struct wire_connection *w, enum dir dir)
{
	return w->fin_at[dir] || w->rst_at[dir];
}

/* R9: the response stopped in its middle, though nothing was in flight and the window had room. */
static void mark_silence(struct connection *c, int64_t at)
{
	const struct half *x = &c->half[DIR_DOWNSTREAM];
	struct wire_exchange *e = connection_current_exchange(c);
	int64_t silence, least;

	if (has_ended(&c->wire, DIR_UPSTREAM) || has_ended(&c->wire, DIR_DOWNSTREAM))
		return; /* that was the end of it */
	if (!e || !e->response_bytes || e->response_bytes >= e->announced) /* or not known */
		return;
	silence = at - e->response_end;
	least = SILENCE_TIMES_GAP * e->data_gap > SILENCE_MIN ? SILENCE_TIMES_GAP * e->data_gap
							      : SILENCE_MIN;
	if (silence < least || silence <= e->silence || x->una < x->seq.next ||
	    !connection_window_open(c, DIR_DOWNSTREAM))
		return;
	e->silence = silence;
	e->silence_from = e->response_end;
}

/* Marks what an open connection waited for until its first end, or the capture's (R3b, R9). */
static void mark_unfinished(struct connection *c, int64_t at)
{
	struct wire_connection *w = &c->wire;
	const struct wire_exchange *e = connection_current_exchange(c);

	mark_silence(c, at);
	if (w->handshake_ack && e && e->request_acked && !w->data_bytes[DIR_DOWNSTREAM])
		w->unanswered = at - e->request_acked;
	if (e && e->request_acked && (e->bodiless || !e->response_bytes)) {
		w->bodiless = at - e->request_acked;
		w->headers_only = e->bodiless;
	}
}

/* Marks an end that the server made of its own accord: too soon (R3a), or too early in a response
 * (R10). */
static void mark_server_end(struct connection *c, const struct tcp_view *v, int64_t at)
{
	struct wire_connection *w = &c->wire;
	const struct half *x = &c->half[DIR_DOWNSTREAM];
	const struct wire_exchange *e = connection_current_exchange(c);

	if (v->flags & TCP_RST && x->seq.known && seq_unwrap(&x->seq, v->seq) > x->seq.next)
		return; /* the server has sent more than the capture has */

	if (w->handshake_ack && !w->data_bytes[DIR_DOWNSTREAM] && at - w->syn <= DROP_LIFETIME)
		w->dropped_after = at - w->syn;
	w->truncated = e && e->response_bytes < e->announced;
}

/* R16: an RST that answers a segment of a connection that its receiver doesn't know (RFC 9293
 * 3.10.7.1). */
static void mark_reset_answer(struct connection *c, const struct tcp_view *v, int64_t at)
{
	const struct half *client = &c->half[DIR_UPSTREAM];

	if (v->flags & TCP_ACK || !client->last_at || v->seq != client->last_ack)
		return;
	if (c->wire.reset_answered)
		return;
	c->wire.reset_answered = at;
	c->wire.reset_answer = at - client->last_at;
}

/* R17: the close is answered, or nobody waits any more. */
static void end_fin_wait(struct connection *c, int64_t at)
{
	struct wire_connection *w = &c->wire;

	if (w->client_closes && !c->fin_wait_over)
		w->fin_wait = at - w->fin_at[DIR_UPSTREAM];
	c->fin_wait_over = c->fin_wait_over || w->client_closes;
}

void ending_take_fin_or_rst(struct connection *c, enum dir dir, const struct tcp_view *v,
			    int64_t at)
{
	struct wire_connection *w = &c->wire;
	bool server_first = dir == DIR_DOWNSTREAM && !has_ended(w, DIR_UPSTREAM);

	if (!has_ended(w, DIR_UPSTREAM) && !has_ended(w, DIR_DOWNSTREAM))
		mark_unfinished(c, at);
	if (server_first && !has_ended(w, DIR_DOWNSTREAM))
		mark_server_end(c, v, at);
	if (dir == DIR_DOWNSTREAM && v->flags & TCP_RST)
		mark_reset_answer(c, v, at);
	if (dir == DIR_UPSTREAM && v->flags & TCP_FIN && !w->fin_at[DIR_UPSTREAM])
		w->client_closes = !has_ended(w, DIR_DOWNSTREAM);
	if (dir == DIR_DOWNSTREAM || v->flags & TCP_RST)
		end_fin_wait(c, at);
	if (v->flags & TCP_RST && !w->rst_at[dir])
		w->rst_at[dir] = at;
	else if (v->flags & TCP_FIN && !w->fin_at[dir])
		w->fin_at[dir] = at;
}

void ending_take_segment(struct connection *c, enum dir dir, const struct tcp_view *v, int64_t at)
{
	struct half *x = &c->half[dir];

	if (dir == DIR_DOWNSTREAM && v->payload_len)
		mark_silence(c, at);
	if (v->flags & TCP_RST)
		ending_take_fin_or_rst(c, dir, v, at);
	x->last_at = v->flags & TCP_ACK ? at : 0;
	x->last_ack = v->ack;
}

/* Returns where the value of an HTTP field in text begins, behind blanks, or NULL. name has the
 * line end before it and the colon behind it; end is that of the header. */
static const char *find_field(const char *text, const char *end, const char *name)
{
	size_t n = strlen(name);

	while (text + n < end && strncasecmp(text, name, n) != 0)
		text++;
	if (text + n >= end)
		return NULL;
	for (text += n; text < end && (*text == ' ' || *text == '\t');)
		text++;
	return text;
}

/* Returns the header's bytes of an HTTP/1.x response that isn't an interim one; 0: it isn't one, or
 * its header isn't whole. */
static size_t header_bytes(const char *text, size_t len)
{
	const char *end;

	if (len < 12 || memcmp(text, "HTTP/1.", 7) != 0 || text[9] == '1')
		return 0;
	end = memmem(text, len, "\r\n\r\n", 4);
	return end ? (size_t)(end - text) + 4 : 0;
}

size_t ending_chunked_header(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data, *value, *last;
	size_t head = header_bytes(text, len);

	if (!head)
		return 0;
	value = find_field(text, text + head - 4, "\r\nTransfer-Encoding:");
	if (!value)
		return 0;
	for (last = value; *last != '\r';)
		last++;
	while (last > value && (last[-1] == ' ' || last[-1] == '\t'))
		last--;
	/* Only the last coding counts (RFC 9112 6.3). */
	if (last - value < 7 || strncasecmp(last - 7, "chunked", 7) != 0)
		return 0;
	return last - value == 7 || strchr(" \t,", last[-8]) ? head : 0;
}

uint64_t ending_announced_bytes(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data, *end;
	size_t head = header_bytes(text, len);
	uint64_t value = 0;

	if (!head)
		return 0;
	end = text + head - 4;
	text = find_field(text, end, "\r\nContent-Length:");
	if (!text || text == end || *text < '0' || *text > '9')
		return 0;
	for (; text < end && *text >= '0' && *text <= '9' && value < UINT64_MAX >> 8; text++)
		value = value * 10 + (uint64_t)(*text - '0');
	return *text == '\r' ? head + value : 0;
}

void ending_take_request(struct connection *c, const struct tcp_view *v, size_t captured,
			 uint64_t end)
{
	struct wire_exchange *e = connection_current_exchange(c);

	if (!e || e->response_bytes)
		c->asks_head = captured >= 5 && memcmp(v->payload, "HEAD ", 5) == 0;
	if (end <= c->request_end)
		return;
	c->request_end = end;
	if (e && !e->response_bytes)
		e->request_acked = 0; /* the request goes on: only a part of it was acknowledged */
}

/* The first bytes of a response: what they announce. */
static void begin_response(struct connection *c, struct wire_exchange *e, const struct tcp_view *v,
			   size_t captured, uint64_t seq)
{
	size_t head = ending_chunked_header(v->payload, captured);

	if (c->asks_head)
		return; /* it announces what it doesn't have */
	c->response_chunked = head > 0;
	c->response_at = seq;
	c->response_head = header_bytes((const char *)v->payload, captured);
	if (head) {
		chunked_body_begin(&c->response_body, seq + head);
		e->announced = UINT64_MAX; /* until its last chunk has come */
	} else {
		e->announced = ending_announced_bytes(v->payload, captured);
	}
	e->bodiless = c->response_head && e->announced > c->response_head;
}

/* The size of a chunk, and zeros before it, are no body. */
static bool has_body(const struct connection *c, uint64_t end)
{
	if (c->response_chunked)
		return c->response_body.data > 0;
	return end > c->response_at + c->response_head;
}

void ending_take_response(struct connection *c, const struct tcp_view *v, size_t captured,
			  uint64_t seq, bool fresh)
{
	struct wire_exchange *e = connection_current_exchange(c);
	struct chunked_body *body = &c->response_body;

	if (!e)
		return;
	if (fresh && !e->response_bytes) {
		c->response_cut = captured < v->payload_len;
		begin_response(c, e, v, captured, seq);
	}
	if (c->response_chunked)
		chunked_body_take(body, seq, v->payload, captured, v->payload_len);
	e->bodiless = e->bodiless && !has_body(c, seq + v->payload_len);
	if (!c->response_chunked || body->at < CHUNKED_WHOLE)
		return;
	e->announced = body->at == CHUNKED_WHOLE ? body->next - c->response_at : 0;
	e->bodiless = false;
	c->response_chunked = false;
}

void ending_lose_response(struct connection *c)
{
	struct wire_exchange *e = connection_current_exchange(c);

	if (e) {
		e->announced = 0;
		e->bodiless = false;
	}
	c->response_chunked = false;
	c->response_cut = true;
}

void ending_take_ack(struct connection *c, enum dir dir, uint64_t ack, int64_t at)
{
	struct wire_connection *w = &c->wire;
	struct wire_exchange *e = connection_current_exchange(c);

	if (dir == DIR_UPSTREAM && e && !e->request_acked && ack >= c->request_end)
		e->request_acked = at;
	if (dir == DIR_DOWNSTREAM && c->response_chunked && ack > c->response_body.next)
		ending_lose_response(c); /* the end may be in what wasn't read */
	if (w->fin_at[dir] && !w->fin_acked[dir] && c->fin_end[dir] && ack >= c->fin_end[dir])
		w->fin_acked[dir] = at;
}

void ending_finish(struct connection *c, int64_t at)
{
	struct wire_connection *w = &c->wire;

	if (c->finished)
		return;
	c->finished = true;
	if (!has_ended(w, DIR_UPSTREAM) && !has_ended(w, DIR_DOWNSTREAM))
		mark_unfinished(c, at);
	end_fin_wait(c, at);
}

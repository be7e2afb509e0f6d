/* detection.c - every sign that there may be, and the earliest counts. */
#include "scenarios/check/detection.h"

#include "proxy/base/clock.h"

static const char *const sign_texts[] = {
    [SIGN_NONE] = "",
    [SIGN_FIN] = "its FIN ended the connection",
    [SIGN_RST] = "its RST ended the connection",
    [SIGN_CLOSE] = "it closed the connection, which the wire couldn't show",
    [SIGN_CONNECTION] = "it began another connection",
    [SIGN_EXCHANGE] = "another connection got the whole answer",
};

const char *detection_sign_text(enum detection_sign sign)
{
	return sign_texts[sign];
}

uint64_t detection_largest_answer(const struct analysis *wire, uint16_t port)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < wire->nconnections; i++) {
		const struct wire_connection *w = &wire->connections[i];

		for (size_t k = 0; k < w->nexchanges && wire_connection_at_port(w, port); k++)
			if (w->exchanges[k].response_bytes > largest)
				largest = w->exchanges[k].response_bytes;
	}
	return largest;
}

static void take_sign(struct detection *d, enum detection_sign sign, int64_t when, int64_t since)
{
	if (when < since || (d->at && d->at <= when))
		return;
	d->sign = sign;
	d->at = when;
}

/* Returns whether something happened at all, and not by the program's end. */
static bool is_before_end(const struct detection_place *at, int64_t when)
{
	return when && when <= at->until;
}

/* Returns when a whole answer had come since then; 0: none has. */
static int64_t find_answer(const struct detection_place *at, const struct wire_connection *w,
			   int64_t since)
{
	for (size_t i = 0; i < w->nexchanges; i++) {
		const struct wire_exchange *x = &w->exchanges[i];

		if (x->response_bytes && x->response_bytes * 10 >= at->answer * 9 &&
		    x->response_end > since)
			return x->response_end;
	}
	return 0;
}

static const json_t *find_socket(const json_t *sockets, uint16_t port)
{
	for (size_t i = 0; i < json_array_size(sockets); i++) {
		const json_t *one = json_array_get(sockets, i);

		if (json_integer_value(json_object_get(one, "port")) == port)
			return one;
	}
	return NULL;
}

/* Takes what the client did with the connection that the fault hit. */
static void take_hit(struct detection *d, const struct detection_place *at,
		     const struct wire_connection *hit, int64_t since)
{
	const json_t *one = find_socket(at->sockets, addr_port(&hit->client));
	const json_t *closed = json_object_get(one, "closed_at");
	int64_t fin = hit->fin_at[DIR_UPSTREAM], rst = hit->rst_at[DIR_UPSTREAM];

	d->unaffected = find_answer(at, hit, since) != 0;
	if (is_before_end(at, fin))
		take_sign(d, SIGN_FIN, fin, since);
	if (is_before_end(at, rst))
		take_sign(d, SIGN_RST, rst, since);
	/* Behind an RST of the server's there is nothing to close, nor to leak. */
	if (is_before_end(at, fin) || is_before_end(at, rst) || hit->rst_at[DIR_DOWNSTREAM])
		return;
	d->leaked = json_is_true(json_object_get(one, "open"));
	if (json_is_real(closed))
		take_sign(d, SIGN_CLOSE, (int64_t)(json_real_value(closed) * NS_PER_S) + at->offset,
			  since);
}

/* Takes what another connection shows. */
static void take_other(struct detection *d, const struct detection_place *at,
		       const struct wire_connection *w, bool reset, int64_t since)
{
	int64_t answered = find_answer(at, w, since);

	if (is_before_end(at, answered)) {
		d->recovered = true;
		take_sign(d, SIGN_EXCHANGE, answered, since);
	}
	if (reset && is_before_end(at, w->first))
		take_sign(d, SIGN_CONNECTION, w->first, since);
}

struct detection detection_find(const struct detection_place *at)
{
	const struct wire_connection *hit = at->hit;
	struct detection d = {.sign = SIGN_NONE};
	int64_t since = at->since;

	if (!hit || !since)
		return d;
	take_hit(&d, at, hit, since);
	for (size_t i = 0; i < at->wire->nconnections; i++) {
		const struct wire_connection *w = &at->wire->connections[i];

		if (w != hit && wire_connection_at_port(w, at->port))
			take_other(&d, at, w, hit->rst_at[DIR_DOWNSTREAM] != 0, since);
	}
	return d;
}

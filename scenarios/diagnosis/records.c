/* records.c - from header to header. Only bytes that are there are read; what comes behind a hole
 * ends it. */
#include "scenarios/diagnosis/records.h"

#include "proxy/base/byteorder.h"

#include <string.h>

enum {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION = 23,
	TLS_RECORD_MAX = 16384 + 2048, /* RFC 5246 6.2.3 */
	/* An alert in TLS 1.3: two bytes, the inner type, and the tag (RFC 8446 5.2). */
	TLS13_ALERT_LENGTH = 2 + 1 + 16,
	/* The longest record of one: header, IV, and two bytes and a SHA-384 padded to whole
	 * blocks of AES-CBC (RFC 5246 6.2.3.2). */
	TLS_ALERT_RECORD_MAX = 5 + 16 + 64,
	MYSQL_PROTOCOL = 10,
};

static const struct {
	unsigned header;
	const char *broken;
} formats[] = {
    [RECORDS_NOT_YET] = {5, NULL},
    [RECORDS_TLS] = {5, "inside a TLS record"},
    [RECORDS_MYSQL] = {4, "inside a MySQL packet"},
    [RECORDS_POSTGRES] = {5, "inside a PostgreSQL message"},
    [RECORDS_LOST] = {5, NULL},
};

static bool is_tls(const uint8_t *h)
{
	return h[0] >= TLS_CHANGE_CIPHER_SPEC && h[0] <= TLS_APPLICATION && h[1] == 3 &&
	       h[2] <= 4 && get_be16(h + 3) <= TLS_RECORD_MAX;
}

static bool is_tls_alert(const uint8_t *h)
{
	return h[0] == TLS_ALERT ||
	       (h[0] == TLS_APPLICATION && get_be16(h + 3) == TLS13_ALERT_LENGTH);
}

bool records_begin_alert(const uint8_t *bytes, size_t captured, size_t len)
{
	if (captured < 5)
		return len > captured && len <= TLS_ALERT_RECORD_MAX;
	return is_tls(bytes) && is_tls_alert(bytes);
}

static uint32_t mysql_length(const uint8_t *h)
{
	return (uint32_t)h[0] | (uint32_t)h[1] << 8 | (uint32_t)h[2] << 16;
}

static enum record_kind recognise_records(const struct segment *s)
{
	const uint8_t *p = s->v->payload;

	if (s->captured < 5)
		return RECORDS_LOST;
	if (is_tls(p))
		return RECORDS_TLS;
	if (!p[3] && p[4] == MYSQL_PROTOCOL && mysql_length(p) + 4 == s->v->payload_len)
		return RECORDS_MYSQL; /* the server's greeting */
	/* Its answer to the start: AuthenticationOk or a wish for more, or an error. */
	if ((p[0] == 'R' || p[0] == 'E') && !p[1] && !p[2] && get_be32(p + 1) >= 8)
		return RECORDS_POSTGRES;
	return RECORDS_LOST;
}

static void take_tls_header(struct records *r, uint16_t length)
{
	if (!is_tls(r->header)) {
		r->kind = RECORDS_LOST;
		return;
	}
	r->protected = r->protected || r->header[0] == TLS_APPLICATION;
	r->alert = is_tls_alert(r->header);
	r->next += 5u + length;
}

static void take_header(struct records *r)
{
	const uint8_t *h = r->header;

	r->have = 0;
	if (r->kind != RECORDS_TLS && h[0] == TLS_HANDSHAKE && h[1] == 3 && h[2] >= 1 && h[2] <= 4)
		r->kind = RECORDS_TLS; /* the protocol was changed by agreement */
	if (r->kind == RECORDS_TLS)
		take_tls_header(r, get_be16(h + 3));
	else if (r->kind == RECORDS_MYSQL)
		r->next += 4 + mysql_length(h);
	else if (get_be32(h + 1) >= 4)
		r->next += 1 + (uint64_t)get_be32(h + 1);
	else
		r->kind = RECORDS_LOST;
}

static void begin_records(struct records *r, const struct segment *s)
{
	/* PostgreSQL answers the question for TLS by one letter, and then begins. */
	if (s->v->payload_len == 1 && s->captured &&
	    (*s->v->payload == 'S' || *s->v->payload == 'N'))
		return;
	r->kind = recognise_records(s);
	r->next = s->seq;
}

void records_take_segment(struct records *r, const struct segment *s)
{
	uint64_t end = s->seq + s->v->payload_len;

	if (!s->v->payload_len || s->keepalive || s->probe || s->copy || s->out_of_place)
		return;
	if (r->kind == RECORDS_NOT_YET)
		begin_records(r, s);
	if (r->kind == RECORDS_NOT_YET)
		return;
	while (r->kind != RECORDS_LOST && end > r->next + r->have) {
		uint64_t at = r->next + r->have;

		if (at < s->seq || at - s->seq >= s->captured) {
			r->kind = RECORDS_LOST;
			return;
		}
		r->header[r->have++] = s->v->payload[at - s->seq];
		if (r->have == formats[r->kind].header)
			take_header(r);
	}
}

const char *records_broken(const struct records *r, uint64_t next)
{
	return r->have || r->next > next ? formats[r->kind].broken : NULL;
}

bool records_end_unannounced(const struct records *r, uint64_t next)
{
	return r->kind == RECORDS_TLS && r->protected && !r->alert && !r->have && r->next == next;
}

/* ntlmssp.c - DER from the inside out: what is wrapped is written before its length is known. */
#include "scenarios/workload/ntlmssp.h"

#include "proxy/base/attrs.h"
#include "proxy/base/byteorder.h"

#include <stdlib.h>
#include <string.h>

#define NAME "WEDGE"

/* Unicode, target, NTLM, always sign, extended session security, 128 and 56 bits. */
#define COMMON_FLAGS	0xa0088205u
#define TARGET_FLAGS	0x00820000u /* the target is a server; there is information on it */
#define ANONYMOUS_FLAGS 0x00000800u

static const uint8_t signature[] = "NTLMSSP"; /* with its NUL */
static const uint8_t spnego_oid[] = {0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02};
static const uint8_t ntlm_oid[] = {0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04,
				   0x01, 0x82, 0x37, 0x02, 0x02, 0x0a};

enum ntlmssp_kind ntlmssp_kind(const uint8_t *token, size_t len)
{
	const uint8_t *at = memmem(token, len, signature, sizeof(signature));
	uint32_t kind;

	if (!at || (size_t)(at - token) + sizeof(signature) + 4 > len)
		return NTLMSSP_NONE;
	kind = get_le32(at + sizeof(signature));
	return kind <= NTLMSSP_AUTHENTICATE ? (enum ntlmssp_kind)kind : NTLMSSP_NONE;
}

/* Puts tag and length before what has been written since from. */
static void wrap_der(struct le_buf *o, size_t from, unsigned tag)
{
	size_t len = o->len - from, extra = len < 128 ? 2 : len < 256 ? 3 : 4;

	le_put_zeros(o, extra);
	memmove(o->v + from + extra, o->v + from, len);
	o->v[from] = (uint8_t)tag;
	o->v[from + extra - 1] = (uint8_t)len;
	if (extra == 3)
		o->v[from + 1] = 0x81;
	if (extra == 4) {
		o->v[from + 1] = 0x82;
		o->v[from + 2] = (uint8_t)(len >> 8);
	}
}

/* NegTokenInit, with the client's token or without one. */
static void add_init(struct le_buf *o, const struct le_buf *token)
{
	size_t all = o->len, inner, start;

	le_put(o, spnego_oid, sizeof(spnego_oid));
	inner = o->len;
	le_put(o, ntlm_oid, sizeof(ntlm_oid));
	wrap_der(o, inner, 0x30);
	wrap_der(o, inner, 0xa0); /* mechTypes */
	start = o->len;
	if (token) {
		le_put(o, token->v, token->len);
		wrap_der(o, start, 0x04);
		wrap_der(o, start, 0xa2); /* mechToken */
	}
	wrap_der(o, inner, 0x30);
	wrap_der(o, inner, 0xa0);
	wrap_der(o, all, 0x60);
}

/* NegTokenResp; state: 0 accepted, 1 not yet, -1 it isn't said. */
static void add_response(struct le_buf *o, int state, bool mechanism, const struct le_buf *token)
{
	size_t all = o->len, start;

	if (state >= 0) {
		le_put(o, (uint8_t[]){0xa0, 0x03, 0x0a, 0x01, (uint8_t)state}, 5);
	}
	start = o->len;
	if (mechanism) {
		le_put(o, ntlm_oid, sizeof(ntlm_oid));
		wrap_der(o, start, 0xa1);
	}
	start = o->len;
	if (token) {
		le_put(o, token->v, token->len);
		wrap_der(o, start, 0x04);
		wrap_der(o, start, 0xa2);
	}
	wrap_der(o, all, 0x30);
	wrap_der(o, all, 0xa1);
}

static void begin_token(struct le_buf *t, enum ntlmssp_kind kind)
{
	le_put(t, signature, sizeof(signature));
	le_put32(t, kind);
}

/* A field of len bytes at an offset of the token. */
static void add_field(struct le_buf *t, size_t len, size_t at)
{
	le_put16(t, (unsigned)len);
	le_put16(t, (unsigned)len);
	le_put32(t, (uint32_t)at);
}

void ntlmssp_offer(struct le_buf *o)
{
	add_init(o, NULL);
}

void ntlmssp_negotiate(struct le_buf *o)
{
	struct le_buf t = {.v = NULL};

	begin_token(&t, NTLMSSP_NEGOTIATE);
	le_put32(&t, COMMON_FLAGS);
	add_field(&t, 0, 0); /* domain, workstation: not said */
	add_field(&t, 0, 0);
	add_init(o, &t);
	free(t.v);
}

void ntlmssp_authenticate(struct le_buf *o)
{
	enum { HEAD = 64 };
	struct le_buf t = {.v = NULL};

	begin_token(&t, NTLMSSP_AUTHENTICATE);
	add_field(&t, 1, HEAD); /* the LM response of nobody: one zero (3.2.5.1.2) */
	for (int i = 0; i < 5; i++)
		add_field(&t, 0, HEAD + 1); /* NT response, domain, user, workstation, key */
	le_put32(&t, COMMON_FLAGS | ANONYMOUS_FLAGS);
	le_put8(&t, 0);
	add_response(o, -1, false, &t);
	free(t.v);
}

static void add_pair(struct le_buf *t, unsigned id, const char *text)
{
	le_put16(t, id);
	le_put16(t, (unsigned)(2 * strlen(text)));
	le_put_utf16(t, text);
}

void ntlmssp_challenge(struct le_buf *o, uint64_t challenge, bool bare)
{
	enum { HEAD = 48 };
	size_t name = 2 * strlen(NAME);
	struct le_buf t = {.v = NULL};

	begin_token(&t, NTLMSSP_CHALLENGE);
	add_field(&t, name, HEAD);
	le_put32(&t, COMMON_FLAGS | TARGET_FLAGS);
	le_put64(&t, challenge);
	le_put64(&t, 0);
	add_field(&t, 2 * (4 + name) + 4, HEAD + name);
	le_put_utf16(&t, NAME);
	add_pair(&t, 2, NAME); /* the domain's name, the computer's */
	add_pair(&t, 1, NAME);
	add_pair(&t, 0, "");
	if (bare)
		le_put(o, t.v, t.len);
	else
		add_response(o, 1, true, &t);
	free(t.v);
}

void ntlmssp_accept(struct le_buf *o, bool bare)
{
	if (!bare)
		add_response(o, 0, false, NULL);
}

/* dcerpc.c - field by field; what a peer wrote is read by ndr.h, which knows where it ends. */
#include "scenarios/workload/dcerpc.h"

#include "proxy/base/byteorder.h"
#include "scenarios/workload/ndr.h"

#include <stdlib.h>
#include <string.h>

#define HEADER	       16
#define CALL_HEADER    24   /* of a request and of a response */
#define LITTLE_NUMBERS 0x10 /* and ASCII: the first byte of a data representation */

#define FLAG_FIRST	  0x01
#define FLAG_LAST	  0x02
#define FLAG_NOT_EXECUTED 0x20
#define FLAG_OBJECT	  0x80

const struct dcerpc_syntax dcerpc_ndr = {{0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f,
					  0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60},
					 2,
					 0};

bool dcerpc_syntax_equal(const struct dcerpc_syntax *a, const struct dcerpc_syntax *b)
{
	return memcmp(a->uuid, b->uuid, sizeof(a->uuid)) == 0 && a->major == b->major &&
	       a->minor == b->minor;
}

void dcerpc_write_syntax(struct le_buf *o, const struct dcerpc_syntax *s)
{
	le_put(o, s->uuid, sizeof(s->uuid));
	le_put16(o, s->major);
	le_put16(o, s->minor);
}

static size_t begin_pdu(struct le_buf *o, enum dcerpc_type type, unsigned flags, uint32_t call)
{
	size_t begun = o->len;

	le_put8(o, 5); /* version 5.0 */
	le_put8(o, 0);
	le_put8(o, type);
	le_put8(o, flags);
	le_put32(o, LITTLE_NUMBERS);
	le_put16(o, 0); /* the length, by end_pdu */
	le_put16(o, 0); /* not authenticated */
	le_put32(o, call);
	return begun;
}

static void end_pdu(struct le_buf *o, size_t begun)
{
	size_t length = o->len - begun;

	o->v[begun + 8] = (uint8_t)length;
	o->v[begun + 9] = (uint8_t)(length >> 8);
}

void dcerpc_write_bind(struct le_buf *o, uint32_t call, const struct dcerpc_syntax *interface)
{
	size_t begun = begin_pdu(o, DCERPC_BIND, FLAG_FIRST | FLAG_LAST, call);

	le_put16(o, DCERPC_FRAGMENT); /* sent */
	le_put16(o, DCERPC_FRAGMENT); /* taken */
	le_put32(o, 0);		      /* a new association group */
	le_put32(o, 1);		      /* contexts */
	le_put16(o, 0);		      /* its number */
	le_put16(o, 1);		      /* transfer syntaxes */
	dcerpc_write_syntax(o, interface);
	dcerpc_write_syntax(o, &dcerpc_ndr);
	end_pdu(o, begun);
}

void dcerpc_write_ack(struct le_buf *o, uint32_t call, const struct dcerpc_ack *ack,
		      const char *port)
{
	static const struct dcerpc_syntax none;
	size_t begun = begin_pdu(o, DCERPC_BIND_ACK, FLAG_FIRST | FLAG_LAST, call);

	le_put16(o, ack->fragment);
	le_put16(o, ack->fragment);
	le_put32(o, ack->group);
	le_put16(o, (unsigned)strlen(port) + 1);
	le_put(o, port, strlen(port) + 1);
	ndr_pad(o, begun, 4);
	le_put32(o, (uint32_t)ack->n);
	for (size_t i = 0; i < ack->n; i++) {
		bool accepted = ack->outcomes[i].result == DCERPC_ACCEPTANCE;

		le_put16(o, ack->outcomes[i].result);
		le_put16(o, ack->outcomes[i].reason);
		dcerpc_write_syntax(o, accepted ? &dcerpc_ndr : &none);
	}
	end_pdu(o, begun);
}

void dcerpc_write_nak(struct le_buf *o, uint32_t call, enum dcerpc_nak reason)
{
	size_t begun = begin_pdu(o, DCERPC_BIND_NAK, FLAG_FIRST | FLAG_LAST, call);

	le_put16(o, reason);
	le_put8(o, 1); /* version that the server speaks: 5.0 */
	le_put8(o, 5);
	le_put8(o, 0);
	ndr_pad(o, begun, 4);
	end_pdu(o, begun);
}

/* Statuses 1c01.... say that the call was rejected, those of 1c00.... that it failed. */
void dcerpc_write_fault(struct le_buf *o, uint32_t call, uint16_t context, uint32_t status)
{
	unsigned flags = FLAG_FIRST | FLAG_LAST;
	size_t begun;

	if (status >> 16 == 0x1c01)
		flags |= FLAG_NOT_EXECUTED;
	begun = begin_pdu(o, DCERPC_FAULT, flags, call);
	le_put32(o, 0); /* no stub */
	le_put16(o, context);
	le_put16(o, 0);
	le_put32(o, status);
	le_put32(o, 0);
	end_pdu(o, begun);
}

void dcerpc_write_call(struct le_buf *o, const struct dcerpc_whole *call, size_t fragment)
{
	size_t most = (fragment - CALL_HEADER) & ~(size_t)7, at = 0;

	do {
		size_t left = call->stub.len - at, n = left < most ? left : most, begun;

		begun =
		    begin_pdu(o, (enum dcerpc_type)call->type,
			      (at ? 0u : FLAG_FIRST) | (n == left ? FLAG_LAST : 0u), call->call);
		le_put32(o, (uint32_t)left);
		le_put16(o, call->context);
		le_put16(o, call->type == DCERPC_REQUEST ? call->opnum : 0);
		if (n) /* an empty stub has no block */
			le_put(o, call->stub.v + at, n);
		end_pdu(o, begun);
		at += n;
	} while (at < call->stub.len);
}

ssize_t dcerpc_parse(const uint8_t *in, size_t n, struct dcerpc_head *h, struct err *e)
{
	if (n && in[0] != 5)
		return err_set(e, "not a PDU of DCE/RPC");
	if (n < HEADER)
		return 0;
	*h = (struct dcerpc_head){
	    .type = in[2], .flags = in[3], .big_endian = !(in[4] & LITTLE_NUMBERS)};
	h->length = h->big_endian ? get_be16(in + 8) : get_le16(in + 8);
	h->auth = h->big_endian ? get_be16(in + 10) : get_le16(in + 10);
	h->call = h->big_endian ? get_be32(in + 12) : get_le32(in + 12);
	if (in[1] > 1 || h->length < HEADER || h->length > DCERPC_FRAGMENT)
		return err_set(e, "not a PDU of DCE/RPC 5.0, or one of more than %d bytes",
			       DCERPC_FRAGMENT);
	return n < h->length ? 0 : (ssize_t)h->length;
}

static struct ndr_in read_body(const uint8_t *pdu, const struct dcerpc_head *h)
{
	return (struct ndr_in){.v = pdu, .len = h->length, .at = HEADER};
}

static struct dcerpc_syntax read_syntax(struct ndr_in *in)
{
	struct dcerpc_syntax s = {.major = 0};
	const uint8_t *uuid = ndr_bytes(in, sizeof(s.uuid));

	if (uuid)
		memcpy(s.uuid, uuid, sizeof(s.uuid));
	s.major = ndr_u16(in);
	s.minor = ndr_u16(in);
	return s;
}

static void read_context(struct ndr_in *in, struct dcerpc_context *c)
{
	unsigned offers;

	c->id = ndr_u16(in);
	offers = ndr_u8(in);
	(void)ndr_u8(in);
	c->interface = read_syntax(in);
	c->ndr = false;
	while (offers-- && !in->bad) {
		struct dcerpc_syntax offer = read_syntax(in);

		c->ndr |= dcerpc_syntax_equal(&offer, &dcerpc_ndr);
	}
}

int dcerpc_parse_bind(const uint8_t *pdu, const struct dcerpc_head *h, struct dcerpc_bind *bind,
		      struct err *e)
{
	struct ndr_in in = read_body(pdu, h);

	(void)ndr_u16(&in); /* what the client sends; it fits, or isn't taken */
	bind->fragment = ndr_u16(&in);
	(void)ndr_u32(&in); /* every connection is a group of its own */
	bind->n = ndr_u8(&in);
	(void)ndr_bytes(&in, 3);
	if (bind->n > DCERPC_CONTEXTS)
		return err_set(e, "a bind of more than %d contexts", DCERPC_CONTEXTS);
	for (size_t i = 0; i < bind->n; i++)
		read_context(&in, &bind->contexts[i]);
	if (in.bad || !bind->n || bind->fragment < DCERPC_FRAGMENT_LEAST)
		return err_set(e, "a bind that is none");
	return 0;
}

int dcerpc_parse_ack(const uint8_t *pdu, const struct dcerpc_head *h, struct dcerpc_ack *ack,
		     struct err *e)
{
	struct ndr_in in = read_body(pdu, h);

	(void)ndr_u16(&in);
	ack->fragment = ndr_u16(&in);
	ack->group = ndr_u32(&in);
	(void)ndr_bytes(&in, ndr_u16(&in)); /* where further connections are to go */
	ndr_align(&in, 4);
	ack->n = ndr_u8(&in);
	(void)ndr_bytes(&in, 3);
	for (size_t i = 0; i < ack->n && ack->n <= DCERPC_CONTEXTS; i++) {
		struct dcerpc_syntax transfer;

		ack->outcomes[i].result = ndr_u16(&in);
		ack->outcomes[i].reason = ndr_u16(&in);
		transfer = read_syntax(&in);
		if (ack->outcomes[i].result == DCERPC_ACCEPTANCE &&
		    !dcerpc_syntax_equal(&transfer, &dcerpc_ndr))
			in.bad = true;
	}
	if (in.bad || !ack->n || ack->n > DCERPC_CONTEXTS || ack->fragment < DCERPC_FRAGMENT_LEAST)
		return err_set(e, "a bind_ack that is none");
	return 0;
}

int dcerpc_parse_nak(const uint8_t *pdu, const struct dcerpc_head *h, uint16_t *reason,
		     struct err *e)
{
	struct ndr_in in = read_body(pdu, h);

	*reason = ndr_u16(&in);
	return in.bad ? err_set(e, "a bind_nak that is none") : 0;
}

int dcerpc_parse_part(const uint8_t *pdu, const struct dcerpc_head *h, struct dcerpc_part *part,
		      struct err *e)
{
	struct ndr_in in = read_body(pdu, h);

	memset(part, 0, sizeof(*part));
	(void)ndr_u32(&in); /* how much is to come: a hint */
	part->context = ndr_u16(&in);
	part->opnum = ndr_u16(&in); /* but of a response or a fault: no count of cancels */
	if (h->type == DCERPC_FAULT)
		part->status = ndr_u32(&in);
	if (h->type == DCERPC_REQUEST && h->flags & FLAG_OBJECT)
		(void)ndr_bytes(&in, 16);
	if (in.bad)
		return err_set(e, "a PDU that is too short for its type");
	if (h->auth)
		return err_set(e, "a PDU that is signed or sealed");
	part->len = in.len - in.at;
	part->stub = ndr_bytes(&in, part->len);
	return 0;
}

int dcerpc_join(struct dcerpc_whole *w, const struct dcerpc_head *h, const struct dcerpc_part *part,
		struct err *e)
{
	bool first = h->flags & FLAG_FIRST;

	if (first == w->begun ||
	    (w->begun && (h->type != w->type || h->call != w->call || part->context != w->context)))
		return err_set(e, "a fragment where none of its call was due");
	if (first) {
		w->begun = true;
		w->type = h->type;
		w->call = h->call;
		w->context = part->context;
		w->opnum = part->opnum;
		w->too_long = false;
		w->stub.len = 0;
	}
	w->too_long |= part->len > DCERPC_STUB_MAX - w->stub.len;
	if (w->too_long)
		w->stub.len = 0;
	else
		le_put(&w->stub, part->stub, part->len);
	w->begun = !(h->flags & FLAG_LAST);
	return !w->begun;
}

void dcerpc_whole_fini(struct dcerpc_whole *w)
{
	free(w->stub.v);
	*w = (struct dcerpc_whole){.begun = false};
}

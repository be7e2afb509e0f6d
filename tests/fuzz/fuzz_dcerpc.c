/* fuzz_dcerpc.c - any bytes as what an end of DCE/RPC says: each PDU and each stub that its
 * fragments make is read as all that it may be, alone in a block of its size, so that a sanitizer
 * sees a byte too far; what is taken is written again and read as the same.
 * LAYER: wedge_workload */
#include "proxy/base/mem.h"
#include "scenarios/workload/ept_map.h"
#include "scenarios/workload/mailbox.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of no bytes there is no block, as there is none of an empty stub. */
static uint8_t *copy_bytes(const uint8_t *v, size_t n)
{
	return n ? memcpy(xcalloc(1, n), v, n) : NULL;
}

static bool equal_towers(const struct ept_tower *a, const struct ept_tower *b)
{
	return dcerpc_syntax_equal(&a->interface, &b->interface) && b->tcp && a->port == b->port &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

static void read_question(const uint8_t *stub, size_t len)
{
	struct ept_tower t, again;
	struct le_buf o = {.v = NULL};
	uint32_t room;

	if (ept_map_parse_ask(stub, len, &t, &room, NULL) == -1)
		return;
	BUG_ON(!room || room > EPT_MAP_TOWERS);
	ept_map_write_ask(&o, &t);
	BUG_ON(ept_map_parse_ask(o.v, o.len, &again, &room, NULL) == -1);
	BUG_ON(!equal_towers(&t, &again));
	free(o.v);
}

static void read_map(const uint8_t *stub, size_t len)
{
	struct ept_tower t, again;
	struct le_buf o = {.v = NULL};
	uint32_t status;

	if (ept_map_parse_answer(stub, len, &t, &status, NULL) == -1)
		return;
	ept_map_write_answer(&o, status ? NULL : &t, EPT_MAP_TOWERS);
	BUG_ON(ept_map_parse_answer(o.v, o.len, &again, &status, NULL) == -1);
	BUG_ON(!status && !equal_towers(&t, &again));
	free(o.v);
}

static void read_logon(const uint8_t *stub, size_t len)
{
	char *user = mailbox_parse_logon(stub, len), *again;
	struct le_buf o = {.v = NULL};

	if (!user)
		return;
	BUG_ON(!*user || strlen(user) > MAILBOX_NAME_MAX);
	mailbox_write_logon(&o, user);
	again = mailbox_parse_logon(o.v, o.len);
	BUG_ON(!again || strcmp(user, again) != 0);
	free(again);
	free(user);
	free(o.v);
}

static void read_stub(const struct dcerpc_whole *w)
{
	uint8_t *stub = copy_bytes(w->stub.v, w->stub.len);

	read_question(stub, w->stub.len);
	read_map(stub, w->stub.len);
	read_logon(stub, w->stub.len);
	(void)mailbox_check_call(stub, w->stub.len);
	free(stub);
}

/* Cuts what is whole into the least fragments, and joins them. */
static void cut_and_join(const struct dcerpc_whole *w)
{
	struct dcerpc_whole again = {.begun = false};
	struct le_buf o = {.v = NULL};
	struct dcerpc_head h;
	struct dcerpc_part part;
	int rc = 0;

	dcerpc_write_call(&o, w, DCERPC_FRAGMENT_LEAST);
	for (size_t at = 0; at < o.len; at += h.length) {
		BUG_ON(rc || dcerpc_parse(o.v + at, o.len - at, &h, NULL) <= 0);
		BUG_ON(h.length > DCERPC_FRAGMENT_LEAST);
		BUG_ON(dcerpc_parse_part(o.v + at, &h, &part, NULL) == -1);
		rc = dcerpc_join(&again, &h, &part, NULL);
	}
	BUG_ON(rc != 1 || again.call != w->call || again.context != w->context);
	BUG_ON(again.stub.len != w->stub.len);
	BUG_ON(w->stub.len && memcmp(again.stub.v, w->stub.v, w->stub.len) != 0);
	dcerpc_whole_fini(&again);
	free(o.v);
}

static void read_bind(const uint8_t *pdu, const struct dcerpc_head *h)
{
	struct dcerpc_ack ack = {.group = 1}, again;
	struct le_buf o = {.v = NULL};
	struct dcerpc_bind bind;
	struct dcerpc_head head;

	if (dcerpc_parse_bind(pdu, h, &bind, NULL) == -1)
		return;
	BUG_ON(!bind.n || bind.n > DCERPC_CONTEXTS || bind.fragment < DCERPC_FRAGMENT_LEAST);
	ack.fragment = bind.fragment;
	ack.n = bind.n;
	for (size_t i = 0; i < bind.n; i++)
		ack.outcomes[i].result = bind.contexts[i].ndr ? 0 : DCERPC_PROVIDER_REJECTION;
	dcerpc_write_ack(&o, h->call, &ack, "135");
	BUG_ON(dcerpc_parse(o.v, o.len, &head, NULL) != (ssize_t)o.len || head.call != h->call);
	BUG_ON(dcerpc_parse_ack(o.v, &head, &again, NULL) == -1);
	BUG_ON(again.n != ack.n || again.fragment != ack.fragment);
	BUG_ON(memcmp(again.outcomes, ack.outcomes, ack.n * sizeof(ack.outcomes[0])) != 0);
	free(o.v);
}

static void read_ack(const uint8_t *pdu, const struct dcerpc_head *h)
{
	struct dcerpc_ack ack;

	if (dcerpc_parse_ack(pdu, h, &ack, NULL) == -1)
		return;
	BUG_ON(!ack.n || ack.n > DCERPC_CONTEXTS || ack.fragment < DCERPC_FRAGMENT_LEAST);
}

static void read_nak(const uint8_t *pdu, const struct dcerpc_head *h)
{
	struct le_buf o = {.v = NULL};
	struct dcerpc_head head;
	uint16_t reason, again;

	if (dcerpc_parse_nak(pdu, h, &reason, NULL) == -1)
		return;
	dcerpc_write_nak(&o, h->call, (enum dcerpc_nak)reason);
	BUG_ON(dcerpc_parse(o.v, o.len, &head, NULL) != (ssize_t)o.len);
	BUG_ON(dcerpc_parse_nak(o.v, &head, &again, NULL) == -1 || again != reason);
	free(o.v);
}

static void read_part(const uint8_t *pdu, const struct dcerpc_head *h, struct dcerpc_whole *w)
{
	struct dcerpc_part part;
	int rc;

	if (dcerpc_parse_part(pdu, h, &part, NULL) == -1)
		return;
	BUG_ON(part.stub < pdu || part.stub + part.len != pdu + h->length);
	rc = dcerpc_join(w, h, &part, NULL);
	BUG_ON(w->stub.len > DCERPC_STUB_MAX);
	if (rc != 1 || w->too_long)
		return;
	read_stub(w);
	if (w->type == DCERPC_REQUEST || w->type == DCERPC_RESPONSE)
		cut_and_join(w);
}

/* Of the PDU that n bytes are. Of a beginning of it there is nothing to say. */
static void read_pdu(const uint8_t *v, size_t n, struct dcerpc_whole *w)
{
	uint8_t *pdu = copy_bytes(v, n);
	struct dcerpc_head h;

	for (size_t i = 0; i < n; i += i < 32 ? 1 : n / 8)
		BUG_ON(dcerpc_parse(pdu, i, &h, NULL) != 0);
	BUG_ON(dcerpc_parse(pdu, n, &h, NULL) != (ssize_t)n || h.length != n);
	if (!h.big_endian) {
		read_bind(pdu, &h);
		read_ack(pdu, &h);
		read_nak(pdu, &h);
		read_part(pdu, &h, w);
	}
	free(pdu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dcerpc_whole w = {.begun = false};
	struct dcerpc_head h;
	size_t at = 0;
	ssize_t n;

	while ((n = dcerpc_parse(data + at, size - at, &h, NULL)) > 0) {
		BUG_ON((size_t)n > size - at);
		read_pdu(data + at, (size_t)n, &w);
		at += (size_t)n;
	}
	dcerpc_whole_fini(&w);
	return 0;
}

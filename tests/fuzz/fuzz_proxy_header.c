/* fuzz_proxy_header.c - the reader of PROXY headers on any bytes: in pieces the same answer as at
 * once, and what it says can be said again. LAYER: wedge_stream */
#include "proxy/base/mem.h"
#include "proxy/stream/proxy_protocol/proxy_protocol_format.h"
#include "proxy/stream/proxy_protocol/proxy_protocol_parse.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As many bytes as have come, and not one behind them. */
static enum proxy_protocol_parse_result parse(const uint8_t *p, size_t n,
					      struct proxy_protocol_header *h, size_t *len)
{
	uint8_t *exact = xcalloc(1, n);
	enum proxy_protocol_parse_result got;
	struct err e = {""};

	memcpy(exact, p, n);
	got = proxy_protocol_parse(exact, n, h, len, &e);
	BUG_ON((got == PROXY_PROTOCOL_PARSE_BAD) != (e.text[0] != '\0'));
	free(exact);
	return got;
}

static void say_again(const struct proxy_protocol_header *h)
{
	uint8_t out[PROXY_PROTOCOL_ROOM];
	struct proxy_protocol_header again;
	size_t n = proxy_protocol_format(h, out), len;

	BUG_ON(n == 0 || n > sizeof(out));
	BUG_ON(parse(out, n, &again, &len) != PROXY_PROTOCOL_PARSE_DONE || len != n);
	BUG_ON(again.version != h->version || again.relayed != h->relayed);
	if (!h->relayed)
		return;
	BUG_ON(!addr_equal(&again.client, &h->client) || !addr_equal(&again.target, &h->target));
	BUG_ON(h->version == PROXY_PROTOCOL_VERSION_2 &&
	       strcmp(again.authority, h->authority) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_protocol_header whole, part;
	size_t len = 0, part_len, at = 0, step;
	enum proxy_protocol_parse_result got, early = PROXY_PROTOCOL_PARSE_MORE;

	if (!size)
		return 0;
	step = data[0] % 16 + 1u;
	data++;
	size--;
	got = parse(data, size, &whole, &len);
	BUG_ON(got == PROXY_PROTOCOL_PARSE_DONE &&
	       (len > size || len < 15 || len > PROXY_PROTOCOL_MAX));
	while (at < size && early == PROXY_PROTOCOL_PARSE_MORE) {
		at += step < size - at ? step : size - at;
		early = parse(data, at, &part, &part_len);
	}
	/* The end of a PROXY line may have come before its fault is seen: bad is bad. */
	BUG_ON(size && early != got);
	BUG_ON(got == PROXY_PROTOCOL_PARSE_MORE && size >= PROXY_PROTOCOL_MAX);
	if (got != PROXY_PROTOCOL_PARSE_DONE)
		return 0;
	BUG_ON(part_len != len);
	say_again(&whole);
	return 0;
}

/* proxy_protocol_send.c - a header of version 2 waits for what the client's TLS tells, if the
 * server's own TLS doesn't have to begin before. */
#include "proxy/stream/proxy_protocol_send.h"

#include "proxy/base/mem.h"
#include "proxy/stream/proxy_protocol/proxy_protocol_format.h"
#include "proxy/stream/refusal_state.h"
#include "proxy/stream/session_close.h"
#include "proxy/stream/session_table.h"
#include "proxy/stream/tls/tls_session.h"

#include <jansson.h>

void proxy_protocol_send_begin(struct session *s)
{
	struct proxy_protocol_header *h;

	if (s->config.proxy_protocol_out == PROXY_PROTOCOL_VERSION_NONE ||
	    refusal_verdict(s)->action != ACCEPT_GO)
		return;
	h = xcalloc(1, sizeof(*h));
	h->version = s->config.proxy_protocol_out;
	h->relayed = s->client.len && s->config.orig_dst.len;
	h->client = s->client;
	h->target = s->config.orig_dst;
	if (s->config.authority)
		snprintf(h->authority, sizeof(h->authority), "%s", s->config.authority);
	s->config.authority = NULL;
	s->proxy_protocol_out = h;
}

/* What the client's TLS tells. A server in clear text gets nothing before the client is through its
 * handshake, and so its header can wait for that; one that is to be greeted with TLS is greeted
 * before the client is answered, and its header has the name that the client asks for. */
static bool is_tls_known(const struct session *s)
{
	const struct endpoint *client = &s->ep[LEG_CLIENT], *server = &s->ep[LEG_SERVER];

	return client->ready || (!server->ready && tls_session_sni(s->tls));
}

static void add_tls(const struct session *s, struct proxy_protocol_header *h)
{
	const char *sni = tls_session_sni(s->tls);
	struct tls_facts facts;

	if (sni && *sni)
		snprintf(h->authority, sizeof(h->authority), "%s", sni);
	if (!sni || !s->ep[LEG_CLIENT].ready)
		return;
	tls_session_facts(s->tls, LEG_CLIENT, &facts);
	snprintf(h->tls_version, sizeof(h->tls_version), "%s", facts.version);
	snprintf(h->tls_cipher, sizeof(h->tls_cipher), "%s", facts.cipher);
}

static void journal_header(const struct session *s, const struct proxy_protocol_header *h)
{
	char client[ADDR_TEXT], target[ADDR_TEXT];

	journal_event(s->table->env.journal, "proxy_header_out", "s:I, s:i, s:s, s:s, s:s",
		      "session", (json_int_t)s->number, "version", (int)h->version, "client",
		      addr_format(&h->client, client), "target", addr_format(&h->target, target),
		      "authority", h->version == PROXY_PROTOCOL_VERSION_2 ? h->authority : "");
}

/* Nothing has been sent before, so the kernel has room for it. A connection that has died meanwhile
 * is told by its own event, behind what has come from it. */
void proxy_protocol_send(struct session *s)
{
	struct proxy_protocol_header *h = s->proxy_protocol_out;
	uint8_t bytes[PROXY_PROTOCOL_ROOM];
	ssize_t sent;
	size_t n;

	if (!h || (s->tls && h->version == PROXY_PROTOCOL_VERSION_2 && !is_tls_known(s)))
		return;
	if (s->tls)
		add_tls(s, h);
	n = proxy_protocol_format(h, bytes);
	sent = send(s->ep[LEG_SERVER].fd, bytes, n, MSG_NOSIGNAL);
	journal_header(s, h);
	s->proxy_protocol_out = NULL;
	free(h);
	if (sent >= 0 && (size_t)sent < n)
		session_close(s, CLOSE_BROKEN, "server: no room for its PROXY header");
}

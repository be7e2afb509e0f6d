/* service_words.c - each mode has its own way to say where connections come from and go. */
#include "proxy/service/service_words.h"

#include "proxy/base/mem.h"

#include <string.h>

char *service_words_address(const struct config_proxy *cp)
{
	char text[ADDR_TEXT];

	if (cp->mode == PROXY_TRANSPARENT || cp->mode == PROXY_REDIRECT)
		return intercept_match_text(&cp->intercept);
	if (cp->mode == PROXY_FORWARD && addr_port(&cp->server) == 0)
		return xstrdup(addr_format_host(&cp->server, text));
	return xstrdup(addr_format(cp->mode == PROXY_FORWARD ? &cp->server : &cp->listen, text));
}

char *service_words_upstream(const struct config_proxy *cp)
{
	const char *host = cp->upstream.host;

	if (cp->mode == PROXY_FORWARD)
		return service_words_address(cp);
	if (cp->mode == PROXY_TRANSPARENT)
		return xstrdup(cp->own_address ? "wedge's own address" : "the client's address");
	if (cp->mode == PROXY_REDIRECT)
		return xstrdup("");
	return xasprintf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, cp->upstream.port);
}

/* Threads accept in no order, and what is drawn for a client's session goes by that. */
const char *service_words_alone(const struct config_proxy *cp, const struct impairments_ops *ops,
				bool queued)
{
	if (queued)
		return "packets are queued";
	if (cp->mode != PROXY_EXPLICIT)
		return "rules lead to one listener";
	if (cp->tls.mode != TLS_PASSTHROUGH)
		return "TLS has one state for all sessions";
	if (ops->shared(cp->impairments))
		return "an impairment has one state for all sessions";
	return ops->draws(cp->impairments) ? "an impairment draws at random" : NULL;
}

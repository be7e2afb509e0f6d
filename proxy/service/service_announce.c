/* service_announce.c - a line says how a proxy gets its connections, by which means, and what about
 * it is unusual. */
#include "proxy/service/service_announce.h"

#include "proxy/engine/engine.h"

static void announce_proxy(struct service *s, bool named, const struct service_proxy_info *p)
{
	const struct engine *engine = service_engine(s);
	const char *backend = engine_packet_backend(engine);
	char text[ADDR_TEXT];

	fprintf(stderr, "wedge: %s%s", named ? p->name : "", named ? ": " : "");
	if (p->mode == PROXY_TRANSPARENT)
		fprintf(stderr, "taking connections that come in by %s, by %s; servers see %s",
			p->intercept, engine_intercept_backend(engine, p->mode), p->upstream);
	else if (p->mode == PROXY_REDIRECT)
		fprintf(stderr, "taking connections that this host opens, %s, by %s", p->intercept,
			engine_intercept_backend(engine, p->mode));
	else if (p->listen)
		fprintf(stderr, "listening on %s, forwarding to %s", addr_format(p->listen, text),
			p->upstream);
	else
		fprintf(stderr, "watching what is forwarded to and from %s", p->upstream);
	if (p->mapped)
		fprintf(stderr, ", %zu %s elsewhere", p->mapped,
			p->mapped == 1 ? "destination goes" : "destinations go");
	if (p->defer_backend)
		fprintf(stderr, "; %s, by %s",
			p->mode == PROXY_EXPLICIT ? "refused clients get an RST to their SYN"
						  : "clients wait for their server's answer",
			p->defer_backend);
	if (backend)
		fprintf(stderr, ", packets through %s", backend);
	if (p->shared)
		fprintf(stderr, ", on one worker: %s has one state for all sessions", p->shared);
	else if (p->alone)
		fprintf(stderr, ", on one worker: %s", p->alone);
	fputc('\n', stderr);
}

void service_announce_moved(struct service *s, bool named)
{
	struct service_proxy_info p;

	for (size_t i = 0; service_proxy_info(s, i, &p); i++)
		if (p.moved)
			announce_proxy(s, named, &p);
}

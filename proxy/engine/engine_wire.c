/* engine_wire.c - asks proxies and sessions, and where there is one the packet plane. */
#include "proxy/engine/engine_wire.h"

#include "proxy/engine/engine_state.h"
#include "proxy/stream/session_table.h"
#include "proxy/stream/session_wire.h"

bool engine_each_place(const struct engine *en,
		       void (*fn)(void *arg, const struct engine_proxy_config *pc,
				  const struct addr *listen),
		       void *arg)
{
	const struct engine_proxy *p;
	bool all = true;

	for (size_t i = 0; i < en->nproxies; i++) {
		const struct listener *l = en->proxies[i]->listener;

		fn(arg, &en->proxies[i]->config, l ? listener_addr(l) : NULL);
	}
	TAILQ_FOREACH (p, &en->retired, retired)
		all &= p->users == 0;
	return all;
}

void engine_tell_connections(const struct engine *en)
{
	const struct session *s;

	TAILQ_FOREACH (s, &en->sessions->open, entry)
		session_journal_legs(s);
	if (en->packets)
		packet_plane_tell(en->packets);
}

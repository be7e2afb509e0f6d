/* engine_close.c - looks through the proxies at work and those that only wait for their sessions.
 */
#include "proxy/engine/engine_close.h"

#include "proxy/engine/engine_state.h"
#include "proxy/stream/session_table.h"

#include <string.h>

static size_t close_all(struct engine_proxy *p, const char *name, enum proxy_mode mode)
{
	struct session *s, *next;
	size_t n = 0;

	if (strcmp(p->name, name) != 0 || p->config.mode != mode)
		return 0;
	for (s = TAILQ_FIRST(&p->open); s; s = next, n++) {
		next = TAILQ_NEXT(s, kin_entry);
		s->table->ops->close(s, CLOSE_DONE, "its proxy was closed");
	}
	return n;
}

size_t engine_close_sessions(struct engine *en, const char *name, enum proxy_mode mode)
{
	struct engine_proxy *p;
	size_t n = 0;

	for (size_t i = 0; i < en->nproxies; i++)
		n += close_all(en->proxies[i], name, mode);
	TAILQ_FOREACH (p, &en->retired, retired)
		n += close_all(p, name, mode);
	return n;
}

/* session_commons.c - made before the first session table, freed after the last. */
#include "proxy/stream/session_commons.h"

#include "proxy/base/mem.h"

#include <inttypes.h>

struct session_commons *session_commons_new(size_t hold_limit)
{
	struct session_commons *c = xcalloc(1, sizeof(*c));

	c->legs = server_legs_new();
	hold_total_init(&c->holds, hold_limit);
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void session_commons_free(struct session_commons *c, const struct log *log)
{
	if (!c)
		return;
	if (c->shortages)
		log_warn(log,
			 "connections to servers that failed for want of local ports, descriptors "
			 "or memory of this host: %" PRIu64,
			 (uint64_t)c->shortages);
	server_legs_free(c->legs);
	passed_fini(&c->looped);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

bool session_commons_tell_loop(struct session_commons *c, const char *proxy)
{
	bool first;

	pthread_mutex_lock(&c->lock);
	first = !passed_has(&c->looped, proxy);
	if (first)
		passed_add(&c->looped, proxy);
	pthread_mutex_unlock(&c->lock);
	return first;
}

void session_commons_forget_loop(struct session_commons *c, const char *proxy)
{
	pthread_mutex_lock(&c->lock);
	passed_remove(&c->looped, proxy);
	pthread_mutex_unlock(&c->lock);
}

/* service_proxy.h - a proxy at work, as its service knows it: what it was told to be, its
 * impairments, its TLS. Changes nothing that runs. */
#ifndef WEDGE_SERVICE_SERVICE_PROXY_H
#define WEDGE_SERVICE_SERVICE_PROXY_H

#include "proxy/config/config.h"

struct tls;

/* It lives until the engine releases it, since open sessions meet its impairments. */
struct service_proxy {
	char *name, *address, *upstream, *faults; /* in words, to see what a change changes */
	enum proxy_mode mode;
	const struct impairments_ops *ops;
	struct impairment_set *impairments;
	bool at_work; /* its change is made */
	struct journal *journal;
	const struct log *log;
	struct tls_config tls_config;
	struct config_protocol protocol;
	int64_t connect_timeout;
	bool close_unreachable;
	struct tls *tls; /* NULL: TLS passes through */
	struct upstream_map *map;
	bool moved;
	const char *alone; /* service_proxy_info */
	bool wanted;	   /* while a plan is committed: it goes on */
};

struct service_proxy *service_proxy_new(const struct impairments_ops *ops,
					const struct config_proxy *cp);
void service_proxy_free(void *proxy); /* and says what its impairments have come to */

/* A map of its own, on the heap; NULL is fine for its end. */
struct upstream_map *service_proxy_map(const struct upstream_map *like);
void service_proxy_map_free(struct upstream_map *m);

#endif

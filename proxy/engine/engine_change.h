/* engine_change.h - how an engine's proxies come and go while their sessions go on. */
#ifndef WEDGE_ENGINE_ENGINE_CHANGE_H
#define WEDGE_ENGINE_ENGINE_CHANGE_H

#include "proxy/engine/engine_config.h"

struct engine;

/* A proxy that is to be at work. */
struct engine_wanted {
	const struct engine_proxy_config *config; /* NULL: */
	size_t kept; /* the present proxy of that number goes on, as it is */
};

/* Makes the proxies be these n, in this order. A proxy of a known name and mode goes on: its
 * listener when that has the same address, its open sessions always; hooks (whose arguments must
 * stay the same) and upstream are for new sessions. A proxy that isn't among the n accepts no more,
 * its sessions go on to their own end, and then it is released. An address may pass from one proxy
 * to another. packet_plane switches the packet plane on for all, also for open sessions; once on it
 * stays on. -1 with *e: nothing has changed. */
int engine_change(struct engine *en, const struct engine_wanted *wanted, size_t n,
		  bool packet_plane, struct err *e) WG_MUSTUSE;

#endif

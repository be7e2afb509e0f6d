/* engine_select.h - which packets of a proxy the packet plane is to see, and what it calls about
 * them. */
#ifndef WEDGE_ENGINE_ENGINE_SELECT_H
#define WEDGE_ENGINE_ENGINE_SELECT_H

#include "proxy/engine/engine_state.h"

/* listen: the address of p's listener; NULL: p has none. all: not only the SYNs of p's clients. p
 * is what the hooks are called with. */
struct pkt_select engine_select(const struct engine_proxy_config *pc, struct engine_proxy *p,
				const struct addr *listen, bool all);

#endif

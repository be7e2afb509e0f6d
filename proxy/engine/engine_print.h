/* engine_print.h - the rules that a proxy would get, as text for a user who wants to read them
 * first. Sets nothing. */
#ifndef WEDGE_ENGINE_ENGINE_PRINT_H
#define WEDGE_ENGINE_ENGINE_PRINT_H

#include "proxy/engine/engine_config.h"

/* The rules of a transparent or redirecting proxy, as commands of nft and ip; the caller frees.
 * packet_plane: as in struct engine_config. */
char *engine_print_rules(const struct engine_proxy_config *pc, bool packet_plane);

#endif

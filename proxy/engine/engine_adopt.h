/* engine_adopt.h - sessions that are older than the packet plane: their sockets get marks, by which
 * the rules find them, and the plane gets to know them under their numbers. It is one engine's of a
 * process, and sees the sessions of the others as well. */
#ifndef WEDGE_ENGINE_ENGINE_ADOPT_H
#define WEDGE_ENGINE_ENGINE_ADOPT_H

#include "proxy/engine/engine_clients.h"

struct engine;

/* Makes the engine's own sessions known to its plane, which sees all packets now. */
void engine_adopt_own(struct engine *en);

/* Makes the server legs that en dials from now on have their marks, for another engine's rules that
 * would take them otherwise. The process must be allowed to give marks. */
void engine_mark(struct engine *en);

/* Another engine's plane sees all packets of this process from now on: gives the sockets of en's
 * sessions their marks, those of sessions to come too, and adds the sessions to *clients. */
void engine_hand_over(struct engine *en, struct engine_clients *clients);

/* Makes what other engines have handed over known to en's plane. */
void engine_adopt(struct engine *en, const struct engine_clients *clients);

/* Returns whether en's plane sees all packets, not only the SYNs of some proxies' clients. */
bool engine_sees_packets(const struct engine *en);

#endif

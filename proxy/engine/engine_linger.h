/* engine_linger.h - a listener whose proxy listens elsewhere from now on, while handshakes that
 * have begun there end: closed at once, the kernel would reset them. */
#ifndef WEDGE_ENGINE_ENGINE_LINGER_H
#define WEDGE_ENGINE_ENGINE_LINGER_H

#include "proxy/engine/engine_state.h"

/* Takes p's listener, and closes it when a SYN's answer has been sent again twice (1 + 2 s,
 * RFC 6298). */
void engine_linger(struct engine_proxy *p);

/* Closes all of them now; accepting: what the kernel has accepted is passed on before. */
void engine_linger_end(struct engine *en, bool accepting);

/* After a change: closes those whose proxy has gone, or is at another address: another one may want
 * theirs. What the kernel has accepted is passed on before. */
void engine_linger_end_moved(struct engine *en);

#endif

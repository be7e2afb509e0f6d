/* engine_connect.h - deferred accept: a client's SYN is held until its server has answered, and the
 * client gets that answer. Between the packet plane, which holds the SYN, and the session, which
 * dials. */
#ifndef WEDGE_ENGINE_ENGINE_CONNECT_H
#define WEDGE_ENGINE_ENGINE_CONNECT_H

#include "proxy/engine/engine_state.h"

/* Functions of struct pkt_hooks (pkt_tracker.h); arg is the struct engine_proxy. */
bool engine_connect_syn_held_cb(void *arg, struct pkt_conn *c);
void engine_connect_gave_up_cb(void *arg, struct pkt_conn *c);
bool engine_connect_unreachable_cb(void *arg, const struct unreachable *u);

/* The session that a held SYN has begun; pc is freed when the session's client is accepted. */
struct session *pending_connect_session(const struct pending_connect *pc);
void pending_connect_free(struct pending_connect *pc);

/* p, or every proxy when NULL, takes no client any more: a client whose SYN is held gets no answer,
 * and tries again; a client that has been let in has some seconds to complete its handshake. */
void engine_connect_end(struct engine *en, const struct engine_proxy *p);

/* The rules have changed: a client whose SYN is held and isn't its proxy's any more gets no answer;
 * when it tries again it is another proxy's, or passes by. */
void engine_connect_recheck(struct engine *en);

#endif

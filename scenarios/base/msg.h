/* msg.h - typed messages between the runner and its roles: one JSON object a message, 4-byte
 * big-endian length before it, over a stream socketpair. Every object has a string "type". */
#ifndef WEDGE_SCENARIOS_BASE_MSG_H
#define WEDGE_SCENARIOS_BASE_MSG_H

#include "proxy/base/err.h"

#include <jansson.h>

#define MSG_BYTES_MAX (64u << 20)

/* Sends json_pack'ed members ("s:i", ...; NULL for none) with the given type. Blocking. 0, or -1
 * when the other end is gone. */
int msg_send(int fd, const char *type, const char *fmt, ...) WG_MUSTUSE;

/* Sends an object that has its "type"; the reference stays the caller's. */
int msg_send_json(int fd, const json_t *object) WG_MUSTUSE;

/* Waits up to timeout_ms (-1: for ever) for one message. Returns 1 with a new reference in *out,
 * 0 on time-out, -1 on end of file or a broken message (e says which). */
int msg_recv(int fd, int timeout_ms, json_t **out, struct err *e) WG_MUSTUSE;

/* Returns the object's "type", or "". */
const char *msg_type(const json_t *object);

#endif

/* smtp_reply.h - a server's reply as RFC 5321 4.2 writes it: "250-first\r\n250 last\r\n". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SMTP_REPLY_H
#define WEDGE_SCENARIOS_WORKLOAD_SMTP_REPLY_H

#include "proxy/base/err.h"

#include <sys/types.h>

/* Returns the length of the whole reply at the beginning of the n bytes and its code; 0: it isn't
 * whole yet; -1 with *e: that is no reply. */
ssize_t smtp_parse_reply(const char *in, size_t n, unsigned *code, struct err *e);

#endif

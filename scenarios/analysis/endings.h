/* endings.h - how connections and responses end, or don't: the rules R3, R9, R10, R16 and R17 of
 * docs/rules.md, and when the server was heard at all. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_ENDINGS_H
#define WEDGE_SCENARIOS_ANALYSIS_ENDINGS_H

#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/connection.h"

/* Every segment, before anything of it is counted. */
void ending_segment(struct connection *c, enum dir dir, const struct tcp_view *v, int64_t at);

/* A segment with FIN or RST. With FIN after all of it is counted: its payload comes first. */
void ending_fin_or_rst(struct connection *c, enum dir dir, const struct tcp_view *v, int64_t at);

/* New bytes of a request, up to end, are about to be counted. */
void ending_request(struct connection *c, uint64_t end);

/* New bytes of a response are about to be counted. captured: bytes at v->payload. */
void ending_response(struct connection *c, const struct tcp_view *v, size_t captured);

/* An acknowledgement of dir's bytes moved up to ack. */
void ending_ack(struct connection *c, enum dir dir, uint64_t ack, int64_t at);

/* A segment of dir that starts at seq was sent again. */
void ending_resend(struct connection *c, enum dir dir, uint64_t seq, int64_t at);

/* The capture is over at that time. */
void ending_finish(struct connection *c, int64_t at);

/* Header and body of an HTTP/1.x response as its Content-Length says, from the first bytes of the
 * response; 0: they don't say. */
uint64_t ending_announced_bytes(const uint8_t *data, size_t len);

#endif

/* endings.h - how connections and responses end, or don't: the rules R3, R9, R10, R16 and R17 of
 * docs/rules.md. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_ENDINGS_H
#define WEDGE_SCENARIOS_ANALYSIS_ENDINGS_H

#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/connection.h"

/* Takes every segment, before anything of it is counted. */
void ending_take_segment(struct connection *c, enum dir dir, const struct tcp_view *v, int64_t at);

/* Takes a segment with FIN or RST: RST before anything of it is counted, FIN after all of it is,
 * since its payload comes first. */
void ending_take_fin_or_rst(struct connection *c, enum dir dir, const struct tcp_view *v,
			    int64_t at);

/* Takes new bytes of a request, up to end, before they are counted. captured: bytes at v->payload.
 */
void ending_take_request(struct connection *c, const struct tcp_view *v, size_t captured,
			 uint64_t end);

/* Takes bytes of a response before they are counted. captured: bytes at v->payload; seq: of the
 * payload's first, unwrapped; fresh: some of them are new, and not sent again. */
void ending_take_response(struct connection *c, const struct tcp_view *v, size_t captured,
			  uint64_t seq, bool fresh);

/* Some bytes of the response aren't in the capture: how much of it came isn't known any more. */
void ending_lose_response(struct connection *c);

/* Takes an acknowledgement of dir's bytes that moved up to ack. */
void ending_take_ack(struct connection *c, enum dir dir, uint64_t ack, int64_t at);

/* Ends every wait at that time, the end of the capture or of the connection's use of its addresses
 * and ports. Does nothing the second time. */
void ending_finish(struct connection *c, int64_t at);

/* Returns the bytes of an HTTP/1.x response, header and body, that its Content-Length announces in
 * these first bytes of it; 0: it announces none. */
uint64_t ending_announced_bytes(const uint8_t *data, size_t len);

/* Returns the bytes of the header when these first bytes are those of an HTTP/1.x response with a
 * chunked body; else 0. */
size_t ending_chunked_header(const uint8_t *data, size_t len);

#endif

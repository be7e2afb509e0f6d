/* vantage.h - where a capture was taken: beside the client, beside the server, or between them, as
 * the handshakes and the times to live show. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_VANTAGE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_VANTAGE_H

#include "scenarios/analysis/segments.h"
#include "scenarios/diagnosis/durations.h"

enum vantage { VANTAGE_UNKNOWN, VANTAGE_CLIENT, VANTAGE_SERVER, VANTAGE_BETWEEN, VANTAGE_COUNT };

/* Returns where the connection was captured. ttl: of a packet of each side, by the direction in
 * which it sends; 0: none was seen. */
enum vantage vantage_of(const struct connection *c, const uint8_t ttl[DIR_COUNT]);

/* Returns the time to live (IPv4) or hop limit (IPv6) of a packet. */
uint8_t packet_ttl(const struct tcp_view *v);

/* All connections of a capture together. Zero-initialise to start; vantages_fini to end. */
struct vantages {
	uint64_t seen[VANTAGE_COUNT];
	struct durations
	    way[DIR_COUNT];	/* of the handshakes: from the capture to that end and back */
	uint8_t ttl[DIR_COUNT]; /* of the last connection */
};

void vantages_add(struct vantages *x, const struct connection *c, const uint8_t ttl[DIR_COUNT]);

/* Returns where most connections were captured; VANTAGE_UNKNOWN: it can't be told, or differs. */
enum vantage vantages_judge(const struct vantages *x);

/* Returns a sentence without its full stop, with the reason; to be freed. NULL: no handshake. */
char *vantages_sentence(const struct vantages *x);
void vantages_fini(struct vantages *x);

#endif

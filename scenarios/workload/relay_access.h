/* relay_access.h - whom the server of the workload "relay" lets in: TURN's long-term credentials
 * (RFC 8489 9.2.4). Private to the relay files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RELAY_ACCESS_H
#define WEDGE_SCENARIOS_WORKLOAD_RELAY_ACCESS_H

#include "proxy/base/rng.h"
#include "scenarios/workload/stun_integrity.h"

/* Of one connection; zeroed at its beginning. */
struct relay_access {
	char nonce[20]; /* it was told; empty: none yet */
	bool known;	/* who sent the last request: its answer is signed by their key */
	uint8_t key[STUN_KEY_SIZE];
};

/* Judges a request, m as parsed from data; an empty password lets everybody in, and everybody may
 * ask what address they come from (Binding). Returns 0, or the error that it gets: 400, 401 or 438.
 */
unsigned relay_access_judge(struct relay_access *a, const char *password, const uint8_t *data,
			    const struct stun_message *m);

/* Adds what a 401 or 438 tells the client to try again with. */
void relay_access_challenge(struct relay_access *a, struct stun_draft *d, struct rng *chance);

/* The last step of an answer: signs it if the request was. */
void relay_access_sign(const struct relay_access *a, struct stun_draft *d);

#endif

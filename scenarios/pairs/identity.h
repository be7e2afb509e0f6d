/* identity.h - by what a connection is known again in another capture, whose clock, and maybe whose
 * addresses, are others. */
#ifndef WEDGE_SCENARIOS_PAIRS_IDENTITY_H
#define WEDGE_SCENARIOS_PAIRS_IDENTITY_H

#include "scenarios/analysis/segments.h"

#define IDENTITY_TEXT 64 /* payload bytes that are looked at, the first of each direction */

struct identity {
	struct addr client, server;
	uint32_t index;		   /* tshark's tcp.stream */
	bool isn_known[DIR_COUNT]; /* its SYN is in the capture */
	uint32_t isn[DIR_COUNT];
	uint32_t first[DIR_COUNT]; /* the first sequence number seen, where no SYN is */
	uint64_t text[DIR_COUNT];  /* hash of the first payload; 0: none was captured */
	uint8_t hashed[DIR_COUNT]; /* bytes of it, up to IDENTITY_TEXT; more: no further ones */
	int64_t at;		   /* its first packet */
	int64_t answer;		   /* SYN to SYN-ACK; 0: not seen */
};

struct identities {
	struct identity *list; /* by index */
	size_t n, room;
};

/* Takes every segment of a capture that was taken into its connection. */
void identities_take(struct identities *ids, const struct connection *c, const struct segment *s);
void identities_fini(struct identities *ids);

/* Returns the offset of a sequence number in its stream: 0 is the first byte behind the SYN, or the
 * first that was seen. seq: unwrapped, as of struct half. */
uint64_t identity_offset(const struct identity *id, enum dir dir, uint64_t seq);

#endif

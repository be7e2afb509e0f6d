/* allocation.h - the client's side of a TURN allocation over TCP (RFC 8656): the requests of its
 * life, with the credentials that the relay asks for, what came back, and what is sent through it.
 * Opens no socket. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ALLOCATION_H
#define WEDGE_SCENARIOS_WORKLOAD_ALLOCATION_H

#include "proxy/base/rng.h"
#include "scenarios/workload/stun_integrity.h"
#include "scenarios/workload/talk.h"

#define RELAY_LIFETIME	    600 /* seconds of an allocation that isn't refreshed (RFC 8656 3.2) */
#define ALLOCATION_TEXT_MAX 256 /* bytes of a realm or a nonce */

struct allocation {
	enum stun_method asked;	  /* by the last request */
	uint8_t id[STUN_ID_SIZE]; /* of it */
	struct addr relayed;	  /* len 0: none yet */
	char user[24];		  /* who asks, and by which password; it is the caller's */
	const char *password;
	/* What the relay's 401 has told; nrealm 0: it hasn't asked who we are. */
	uint8_t realm[ALLOCATION_TEXT_MAX], nonce[ALLOCATION_TEXT_MAX], key[STUN_KEY_SIZE];
	size_t nrealm, nnonce;
	uint32_t source;  /* of the media: RTP's SSRC, drawn once */
	uint16_t packets; /* of media so far */
};

/* Writes the request of an allocation that nobody will use, a health check's; its ID is drawn. */
void allocation_write(struct stun_draft *d, struct rng *r);

/* Send a request on an open connection; its ID is drawn: the allocation itself (7), for the user of
 * that number, a permission for one peer (9), the allocation's end (8). The first one goes without
 * credentials; password must outlive what the relay answers. */
void allocation_ask(struct allocation *a, struct talk *t, struct rng *r, size_t user,
		    const char *password);
void allocation_permit(struct allocation *a, struct talk *t, struct rng *r,
		       const struct addr *peer);
void allocation_release(struct allocation *a, struct talk *t, struct rng *r);

/* Reads what has come; to a relay that asks who we are the request is sent again, with credentials.
 * 1: the last request has succeeded, the first one with a relayed address; 0: no answer yet; -1
 * with *e: it is refused, or the answer is none. */
int allocation_read(struct allocation *a, struct talk *t, struct rng *r, struct err *e) WG_MUSTUSE;

#define ALLOCATION_MEDIA_MAX 1200 /* bytes of one packet of media */

/* Sends a packet of media to the peer, so many bytes of it 20 ms behind the last one's (11.1). */
void allocation_send(struct allocation *a, struct talk *t, const struct addr *peer, size_t bytes);

#endif

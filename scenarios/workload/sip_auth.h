/* sip_auth.h - Digest authentication of SIP requests (RFC 3261 22.4, RFC 2617): what a server asks,
 * how a client answers. Pure functions over texts; the caller frees what they return. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_AUTH_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_AUTH_H

#include "scenarios/workload/sip_message.h"

#define DIGEST_RESPONSE 33 /* 32 hexadecimal digits and a NUL */

/* What a response is computed from (RFC 2617 3.2.2.1). Without a qop, count and cnonce aren't
 * used. */
struct digest {
	struct sip_text user, realm, nonce, method, uri;
	struct sip_text qop, count, cnonce; /* count: 8 hexadecimal digits */
	const char *password;
};

void digest_compute(const struct digest *d, char response[DIGEST_RESPONSE]);

/* Returns a parameter of a WWW-Authenticate or Authorization, without its quotes; len 0: it has
 * none. */
struct sip_text digest_parameter(struct sip_text field, const char *name);

/* Returns the line of a 401 that asks for credentials; stale: those that came were right, but for
 * a nonce that isn't good any more. */
char *sip_write_challenge(const char *realm, const char *nonce, bool stale);

/* A challenge that a client has been given; its texts are owned. */
struct sip_challenge {
	char *realm, *nonce, *opaque; /* nonce NULL: there is none; opaque NULL: it had none */
	bool qop, stale;
	unsigned count; /* requests that have answered it */
};

/* Takes the challenge of a WWW-Authenticate; -1 with *e: it is none that can be answered. */
int sip_take_challenge(struct sip_challenge *c, struct sip_text field, struct err *e) WG_MUSTUSE;

/* Returns the line of a request that answers the challenge. cnonce: a number never used before. */
char *sip_write_authorization(struct sip_challenge *c, const char *user, const char *password,
			      const char *method, const char *uri, unsigned long long cnonce);

void sip_free_challenge(struct sip_challenge *c);

enum sip_proof {
	SIP_PROVED,
	SIP_UNPROVED, /* there are no credentials, or they are for another realm */
	SIP_STALE,    /* right, for another nonce, or seen before */
	SIP_WRONG,
};

/* Judges the Authorization of a request by what the server asked; its uri needn't be
 * the request's (RFC 3261 22.4). *count, 0 at the beginning, is
 * the highest count that this nonce has been answered with. */
enum sip_proof sip_judge_authorization(const struct sip_message *m, const char *realm,
				       const char *nonce, const char *password, unsigned *count);

#endif

/* stun_integrity.h - MESSAGE-INTEGRITY by long-term credentials (RFC 8489 9.2 and 14.5): who knows
 * the password shows it without sending it. Pure functions over bytes. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_STUN_INTEGRITY_H
#define WEDGE_SCENARIOS_WORKLOAD_STUN_INTEGRITY_H

#include "scenarios/workload/stun.h"

#define STUN_KEY_SIZE 16

/* The key of a user in a realm: MD5 of "user:realm:password" (9.2.2). The password is ASCII: what
 * SASLprep would make of others isn't done. */
void stun_key(struct stun_text user, struct stun_text realm, const char *password,
	      uint8_t key[STUN_KEY_SIZE]);

/* Adds MESSAGE-INTEGRITY, the last attribute. */
void stun_sign(struct stun_draft *d, const uint8_t key[STUN_KEY_SIZE]);

/* Says whether the message, m as parsed from data, has a MESSAGE-INTEGRITY by that key. */
bool stun_is_signed(const uint8_t *data, const struct stun_message *m,
		    const uint8_t key[STUN_KEY_SIZE]);

#endif

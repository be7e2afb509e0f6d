/* relay_access.c - a connection has one nonce, which is good as long as it lasts. */
#include "scenarios/workload/relay_access.h"

#include <stdio.h>
#include <string.h>

#define REALM "example.com"

static bool text_is(struct stun_text t, const char *word)
{
	return t.len == strlen(word) && memcmp(t.s, word, t.len) == 0;
}

unsigned relay_access_judge(struct relay_access *a, const char *password, const uint8_t *data,
			    const struct stun_message *m)
{
	a->known = false;
	if (!password[0] || m->method == STUN_BINDING)
		return 0;
	if (!m->integrity)
		return 401;
	if (!m->username.len || !m->realm.len || !m->nonce.len)
		return 400;
	if (!a->nonce[0] || !text_is(m->nonce, a->nonce))
		return 438;
	stun_key(m->username, m->realm, password, a->key);
	if (!text_is(m->realm, REALM) || !stun_is_signed(data, m, a->key))
		return 401;
	a->known = true;
	return 0;
}

void relay_access_challenge(struct relay_access *a, struct stun_draft *d, struct rng *chance)
{
	if (!a->nonce[0])
		snprintf(a->nonce, sizeof(a->nonce), "%016llx",
			 (unsigned long long)rng_next(chance));
	stun_add(d, STUN_REALM, REALM, strlen(REALM));
	stun_add(d, STUN_NONCE, a->nonce, strlen(a->nonce));
}

void relay_access_sign(const struct relay_access *a, struct stun_draft *d)
{
	if (a->known)
		stun_sign(d, a->key);
}

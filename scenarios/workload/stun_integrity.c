/* stun_integrity.c - HMAC-SHA1 of all that stands before the attribute, the header's length as if
 * the message ended with it. */
#include "scenarios/workload/stun_integrity.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define SHA1_LEN 20

void stun_key(struct stun_text user, struct stun_text realm, const char *password,
	      uint8_t key[STUN_KEY_SIZE])
{
	EVP_MD_CTX *md5 = EVP_MD_CTX_new();

	BUG_ON(!md5 || !EVP_DigestInit_ex(md5, EVP_md5(), NULL));
	BUG_ON(!EVP_DigestUpdate(md5, user.s, user.len) || !EVP_DigestUpdate(md5, ":", 1) ||
	       !EVP_DigestUpdate(md5, realm.s, realm.len) || !EVP_DigestUpdate(md5, ":", 1) ||
	       !EVP_DigestUpdate(md5, password, strlen(password)) ||
	       !EVP_DigestFinal_ex(md5, key, NULL));
	EVP_MD_CTX_free(md5);
}

/* Of the at bytes before the attribute. */
static void compute_hmac(const uint8_t *data, size_t at, const uint8_t *key, uint8_t hmac[SHA1_LEN])
{
	uint8_t text[STUN_MAX];
	size_t length = at + 4 + SHA1_LEN - STUN_HEADER;

	BUG_ON(at > sizeof(text));
	memcpy(text, data, at);
	text[2] = (uint8_t)(length >> 8);
	text[3] = (uint8_t)length;
	BUG_ON(!HMAC(EVP_sha1(), key, STUN_KEY_SIZE, text, at, hmac, NULL));
}

void stun_sign(struct stun_draft *d, const uint8_t key[STUN_KEY_SIZE])
{
	uint8_t hmac[SHA1_LEN];

	compute_hmac(d->data, d->len, key, hmac);
	stun_add(d, STUN_MESSAGE_INTEGRITY, hmac, sizeof(hmac));
}

bool stun_is_signed(const uint8_t *data, const struct stun_message *m,
		    const uint8_t key[STUN_KEY_SIZE])
{
	uint8_t hmac[SHA1_LEN];

	if (!m->integrity)
		return false;
	compute_hmac(data, m->integrity, key, hmac);
	return CRYPTO_memcmp(hmac, data + m->integrity + 4, sizeof(hmac)) == 0;
}

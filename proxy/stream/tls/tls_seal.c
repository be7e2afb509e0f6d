/* tls_seal.c - one alert as a record under a traffic secret of TLS 1.3. */
#include "proxy/stream/tls/tls_seal.h"

#include "proxy/base/tls_alert.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define HEADER	  5
#define TAG	  16
#define IV	  12
#define TYPE_DATA 23 /* what every encrypted record says it is */

bool tls_secret_parse(struct tls_secret *s, const char *hex)
{
	return OPENSSL_hexstr2buf_ex(s->value, sizeof(s->value), &s->len, hex, '\0') == 1;
}

/* HKDF-Expand-Label without a context, RFC 8446 section 7.1, of at most one digest's length. */
static bool expand_label(const struct tls_secret *s, const EVP_MD *md, const char *label,
			 unsigned char *out, size_t n)
{
	unsigned char info[64], digest[EVP_MAX_MD_SIZE];
	size_t text = strlen("tls13 ") + strlen(label);
	int len;

	len = snprintf((char *)info, sizeof(info), "%c%c%ctls13 %s%c%c", 0, (int)n, (int)text,
		       label, 0, 1);
	if (len < 0 || n > (size_t)EVP_MD_get_size(md) ||
	    !HMAC(md, s->value, (int)s->len, info, (size_t)len, digest, NULL))
		return false;
	memcpy(out, digest, n);
	OPENSSL_cleanse(digest, sizeof(digest));
	return true;
}

static bool encrypt_alert(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *type, const unsigned char *key,
			  const unsigned char *iv, const unsigned char plain[3], unsigned char *out)
{
	int n;

	return EVP_EncryptInit_ex(ctx, type, NULL, key, iv) == 1 &&
	       EVP_EncryptUpdate(ctx, NULL, &n, out, HEADER) == 1 &&
	       EVP_EncryptUpdate(ctx, out + HEADER, &n, plain, 3) == 1 &&
	       EVP_EncryptFinal_ex(ctx, out + HEADER + n, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, out + HEADER + 3) == 1;
}

bool tls_alert_sealed(unsigned char description, const SSL_CIPHER *cipher,
		      const struct tls_secret *s, uint64_t sequence,
		      unsigned char out[TLS_ALERT_SEALED])
{
	const EVP_CIPHER *type = EVP_get_cipherbynid(SSL_CIPHER_get_cipher_nid(cipher));
	const EVP_MD *md = SSL_CIPHER_get_handshake_digest(cipher);
	const unsigned char plain[] = {TLS_ALERT_FATAL, description, TLS_RECORD_ALERT};
	unsigned char key[EVP_MAX_KEY_LENGTH], iv[IV];
	EVP_CIPHER_CTX *ctx;
	bool ok;

	if (!type || !md || EVP_CIPHER_get_mode(type) == EVP_CIPH_CCM_MODE ||
	    !expand_label(s, md, "key", key, (size_t)EVP_CIPHER_get_key_length(type)) ||
	    !expand_label(s, md, "iv", iv, sizeof(iv)))
		return false;
	for (size_t i = 0; i < sizeof(sequence); i++)
		iv[IV - 1 - i] ^= (unsigned char)(sequence >> 8 * i);
	memcpy(out, (unsigned char[]){TYPE_DATA, 3, 3, 0, TLS_ALERT_SEALED - HEADER}, HEADER);
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx && encrypt_alert(ctx, type, key, iv, plain, out);
	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(key, sizeof(key));
	return ok;
}

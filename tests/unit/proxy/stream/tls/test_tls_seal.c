/* test_tls_seal.c - an alert under the keys of RFC 8448 is what a receiver with those keys expects.
 * LAYER: wedge_stream */
#include "proxy/stream/tls/tls_seal.h"

#include <openssl/evp.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* RFC 8448 section 3: the server's handshake traffic secret, and the key and IV made of it. */
#define SECRET "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"
static const unsigned char key[] = {0x3f, 0xce, 0x51, 0x60, 0x09, 0xc2, 0x17, 0x27,
				    0xd0, 0xf2, 0xe4, 0xe8, 0x6e, 0xe4, 0x03, 0xbc};
static const unsigned char iv[] = {0x5d, 0x31, 0x3e, 0xb2, 0x67, 0x12,
				   0x76, 0xee, 0x13, 0x00, 0x0b, 0x30};

static const SSL_CIPHER *cipher(const char *name, SSL_CTX *ctx)
{
	STACK_OF(SSL_CIPHER) *all = SSL_CTX_get_ciphers(ctx);

	for (int i = 0; i < sk_SSL_CIPHER_num(all); i++)
		if (strcmp(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(all, i)), name) == 0)
			return sk_SSL_CIPHER_value(all, i);
	return NULL;
}

static void opens_as(const unsigned char *record, uint64_t sequence, const unsigned char *plain)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char nonce[12], out[3], tag[16];
	int n;

	memcpy(nonce, iv, sizeof(nonce));
	nonce[11] ^= (unsigned char)sequence;
	memcpy(tag, record + 8, sizeof(tag));
	assert_int_equal(EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, nonce), 1);
	assert_int_equal(EVP_DecryptUpdate(ctx, NULL, &n, record, 5), 1);
	assert_int_equal(EVP_DecryptUpdate(ctx, out, &n, record + 5, 3), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag), 1);
	assert_int_equal(EVP_DecryptFinal_ex(ctx, out + n, &n), 1);
	assert_memory_equal(out, plain, sizeof(out));
	EVP_CIPHER_CTX_free(ctx);
}

static void it_opens_with_the_keys_of_the_secret(void **state)
{
	static const unsigned char plain[] = {2, 46, 21}; /* fatal, certificate_unknown, alert */
	static const unsigned char header[] = {23, 3, 3, 0, 19};
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	unsigned char record[TLS_ALERT_SEALED];
	struct tls_secret s;

	(void)state;
	assert_true(tls_secret_parse(&s, SECRET));
	for (uint64_t sequence = 0; sequence < 3; sequence++) {
		assert_true(tls_alert_sealed(46, cipher("TLS_AES_128_GCM_SHA256", ctx), &s,
					     sequence, record));
		assert_memory_equal(record, header, sizeof(header));
		opens_as(record, sequence, plain);
	}
	assert_true(tls_alert_sealed(46, cipher("TLS_AES_256_GCM_SHA384", ctx), &s, 0, record));
	assert_true(
	    tls_alert_sealed(46, cipher("TLS_CHACHA20_POLY1305_SHA256", ctx), &s, 0, record));
	SSL_CTX_free(ctx);
}

static void what_is_no_secret_is_none(void **state)
{
	struct tls_secret s;

	(void)state;
	assert_false(tls_secret_parse(&s, "xyz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_opens_with_the_keys_of_the_secret),
	    cmocka_unit_test(what_is_no_secret_is_none),
	};

	return cmocka_run_group_tests_name("tls_seal", tests, NULL, NULL);
}

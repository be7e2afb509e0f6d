/* tls_resume.c - sessions are kept as they are in a file: certificates' chains aren't in them, and
 * each use has a copy of its own, which an end without close_notify may spoil. */
#include "proxy/stream/tls/tls_resume.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <string.h>

enum {
	PAIRS_MAX = 1024,
	HALF_MAX = 16 << 10, /* bytes of one session; an ordinary one has 2 KB */
	KEY = 32,
	PSK_DHE_KE = 1, /* RFC 8446 section 4.2.9 */
};

struct half {
	unsigned char *der;
	int len; /* 0: none */
};

struct pair {
	unsigned char name[TLS_RESUME_NAME];
	struct half server, client;
};

struct tls_resume {
	unsigned char cipher_key[KEY], mac_key[KEY];
	size_t next; /* where the next pair goes */
	struct pair pairs[PAIRS_MAX];
};

static void drop_half(struct half *h)
{
	if (h->len)
		OPENSSL_cleanse(h->der, (size_t)h->len);
	free(h->der);
	*h = (struct half){.der = NULL};
}

static void fill_half(struct half *h, const SSL_SESSION *session)
{
	int n = session ? i2d_SSL_SESSION(session, NULL) : 0;
	unsigned char *p;

	drop_half(h);
	if (n <= 0 || n > HALF_MAX)
		return;
	p = h->der = xcalloc(1, (size_t)n);
	h->len = i2d_SSL_SESSION(session, &p);
}

struct tls_resume *tls_resume_new(void)
{
	struct tls_resume *r = xcalloc(1, sizeof(*r));

	BUG_ON(RAND_priv_bytes(r->cipher_key, KEY) != 1 || RAND_priv_bytes(r->mac_key, KEY) != 1);
	return r;
}

void tls_resume_free(struct tls_resume *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < PAIRS_MAX; i++) {
		drop_half(&r->pairs[i].server);
		drop_half(&r->pairs[i].client);
	}
	OPENSSL_cleanse(r, sizeof(*r));
	free(r);
}

void tls_resume_keep(struct tls_resume *r, const unsigned char name[TLS_RESUME_NAME],
		     const SSL_SESSION *server, const SSL_SESSION *client)
{
	struct pair *p = &r->pairs[r->next];

	r->next = (r->next + 1) % PAIRS_MAX;
	memcpy(p->name, name, TLS_RESUME_NAME);
	fill_half(&p->server, server);
	fill_half(&p->client, client);
}

static const struct pair *find_pair(const struct tls_resume *r, const unsigned char *name)
{
	for (size_t i = 0; i < PAIRS_MAX; i++)
		if (r->pairs[i].server.len && memcmp(r->pairs[i].name, name, TLS_RESUME_NAME) == 0)
			return &r->pairs[i];
	return NULL;
}

static SSL_SESSION *copy_half(const struct half *h)
{
	const unsigned char *p = h->der;

	return h->len ? d2i_SSL_SESSION(NULL, &p, h->len) : NULL;
}

SSL_SESSION *tls_resume_server(const struct tls_resume *r, const unsigned char *name)
{
	const struct pair *p = find_pair(r, name);

	return p ? copy_half(&p->server) : NULL;
}

SSL_SESSION *tls_resume_client(const struct tls_resume *r, const unsigned char *name)
{
	const struct pair *p = find_pair(r, name);

	return p ? copy_half(&p->client) : NULL;
}

static void try_name(const struct tls_resume *r, struct tls_shown *out, const unsigned char *p,
		     size_t n)
{
	if (out->known || n < TLS_RESUME_NAME || !find_pair(r, p))
		return;
	out->known = true;
	memcpy(out->name, p, TLS_RESUME_NAME);
}

/* RFC 8446 section 4.2.11: a list's length; of each identity its length, itself, its age. */
static void try_identities(const struct tls_resume *r, struct tls_shown *out,
			   const unsigned char *p, size_t n)
{
	size_t end = n < 2 ? 0 : 2 + (size_t)get_be16(p), at = 2;

	end = end < n ? end : n;
	while (at + 2 <= end) {
		size_t len = get_be16(p + at);

		at += 2;
		if (len > end - at)
			return;
		try_name(r, out, p + at, len);
		at += len + 4;
	}
}

void tls_resume_read(const struct tls_resume *r, SSL *client, struct tls_shown *out)
{
	const unsigned char *p;
	size_t n;

	*out = (struct tls_shown){.known = false};
	if (SSL_client_hello_get0_ext(client, TLSEXT_TYPE_psk_kex_modes, &p, &n) == 1 && n > 1)
		out->psks = memchr(p + 1, PSK_DHE_KE, n - 1);
	if (SSL_client_hello_get0_ext(client, TLSEXT_TYPE_psk, &p, &n) == 1)
		try_identities(r, out, p, n);
	out->tickets = SSL_client_hello_get0_ext(client, TLSEXT_TYPE_session_ticket, &p, &n) == 1;
	if (out->tickets)
		try_name(r, out, p, n);
	n = SSL_client_hello_get0_session_id(client, &p);
	try_name(r, out, p, n);
}

bool tls_resume_seal(const struct tls_resume *r, unsigned char *iv, EVP_CIPHER_CTX *cipher,
		     EVP_MAC_CTX *mac, bool seals)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)r->mac_key, KEY),
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end(),
	};
	const EVP_CIPHER *aes = EVP_aes_256_cbc();

	if (seals && RAND_bytes(iv, EVP_CIPHER_get_iv_length(aes)) != 1)
		return false;
	return EVP_CipherInit_ex(cipher, aes, NULL, r->cipher_key, iv, seals) == 1 &&
	       EVP_MAC_CTX_set_params(mac, params) == 1;
}

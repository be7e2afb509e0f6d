/* tls_offer.c - code points of the registries (IANA, TLS parameters) in OpenSSL's names: it has no
 * call that takes a list as it is on the wire. */
#include "proxy/stream/tls/tls_offer.h"

#include "proxy/base/attrs.h"
#include "proxy/base/byteorder.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#define ECDSA_P256 0x0403

struct code_name {
	unsigned code;
	const char *name;
};

/* RFC 8446 section 4.2.3, and those of TLS 1.2. */
static const struct code_name signatures[] = {
    {ECDSA_P256, "ecdsa_secp256r1_sha256"},
    {0x0503, "ecdsa_secp384r1_sha384"},
    {0x0603, "ecdsa_secp521r1_sha512"},
    {0x0807, "ed25519"},
    {0x0808, "ed448"},
    {0x0809, "rsa_pss_pss_sha256"},
    {0x080a, "rsa_pss_pss_sha384"},
    {0x080b, "rsa_pss_pss_sha512"},
    {0x0804, "rsa_pss_rsae_sha256"},
    {0x0805, "rsa_pss_rsae_sha384"},
    {0x0806, "rsa_pss_rsae_sha512"},
    {0x0401, "rsa_pkcs1_sha256"},
    {0x0501, "rsa_pkcs1_sha384"},
    {0x0601, "rsa_pkcs1_sha512"},
    {0x0303, "ECDSA+SHA224"},
    {0x0203, "ECDSA+SHA1"},
    {0x0301, "RSA+SHA224"},
    {0x0201, "RSA+SHA1"},
    {0x0302, "DSA+SHA224"},
    {0x0202, "DSA+SHA1"},
    {0x0402, "DSA+SHA256"},
    {0x0502, "DSA+SHA384"},
    {0x0602, "DSA+SHA512"},
};

static const struct code_name groups[] = {
    {23, "P-256"},	{24, "P-384"},	    {25, "P-521"},	{29, "X25519"},
    {30, "X448"},	{256, "ffdhe2048"}, {257, "ffdhe3072"}, {258, "ffdhe4096"},
    {259, "ffdhe6144"}, {260, "ffdhe8192"},
};

static void append_name(char *list, size_t room, const char *name)
{
	size_t n = strlen(list);

	if (n + strlen(name) + 2 <= room)
		snprintf(list + n, room - n, "%s%s", n ? ":" : "", name);
}

/* A list of code points with its length before it. Returns whether one of them is wanted. */
static bool read_codes(SSL *ssl, unsigned type, const struct code_name *names, size_t n, char *list,
		       size_t room, unsigned wanted)
{
	const unsigned char *p;
	size_t len;
	bool found = false;

	if (SSL_client_hello_get0_ext(ssl, type, &p, &len) != 1 || len < 2)
		return true; /* no list: nothing is ruled out */
	for (size_t at = 2; at + 2 <= len; at += 2) {
		unsigned code = get_be16(p + at);

		found |= code == wanted;
		for (size_t i = 0; i < n; i++)
			if (names[i].code == code)
				append_name(list, room, names[i].name);
	}
	return found;
}

static void add_version(struct tls_offer *o, unsigned version)
{
	if (version != TLS1_2_VERSION && version != TLS1_3_VERSION)
		return;
	if (!o->least || (int)version < o->least)
		o->least = (int)version;
	if ((int)version > o->most)
		o->most = (int)version;
}

static void read_versions(struct tls_offer *o, SSL *ssl)
{
	const unsigned char *p;
	size_t n;

	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &p, &n) != 1) {
		add_version(o, SSL_client_hello_get0_legacy_version(ssl));
		return;
	}
	for (size_t at = 1; at + 2 <= n; at += 2)
		add_version(o, get_be16(p + at));
}

/* Returns whether a suite allows an ECDSA certificate. */
static bool read_suites(struct tls_offer *o, SSL *ssl)
{
	const unsigned char *p;
	size_t n = SSL_client_hello_get0_ciphers(ssl, &p);
	bool ecdsa = false;

	for (size_t at = 0; at + 2 <= n; at += 2) {
		const SSL_CIPHER *c = SSL_CIPHER_find(ssl, p + at);
		bool new = c &&strcmp(SSL_CIPHER_get_version(c), "TLSv1.3") == 0;

		if (!c)
			continue;
		ecdsa |= SSL_CIPHER_get_auth_nid(c) == NID_auth_ecdsa ||
			 (new && o->most == TLS1_3_VERSION);
		if (new)
			append_name(o->suites, sizeof(o->suites), SSL_CIPHER_get_name(c));
		else
			append_name(o->ciphers, sizeof(o->ciphers), SSL_CIPHER_get_name(c));
	}
	return ecdsa;
}

void tls_offer_read(struct tls_offer *o, SSL *ssl)
{
	const unsigned char *p;
	size_t n;
	bool signs, suits;

	read_versions(o, ssl);
	signs = read_codes(ssl, TLSEXT_TYPE_signature_algorithms, signatures, ARRAY_LEN(signatures),
			   o->signatures, sizeof(o->signatures), ECDSA_P256);
	read_codes(ssl, TLSEXT_TYPE_supported_groups, groups, ARRAY_LEN(groups), o->groups,
		   sizeof(o->groups), 0);
	suits = read_suites(o, ssl);
	o->no_ecdsa = !signs || !suits;
	o->post_handshake_auth =
	    SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_post_handshake_auth, &p, &n) == 1;
	o->status = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_status_request, &p, &n) == 1;
}

/* The configuration's own bounds stay; versions that don't meet them are left to the handshake. */
static void say_versions(const struct tls_offer *o, SSL *ssl)
{
	long least = SSL_get_min_proto_version(ssl), most = SSL_get_max_proto_version(ssl);

	if (!o->least || o->least > most || o->most < least)
		return;
	SSL_set_min_proto_version(ssl, o->least > least ? o->least : (int)least);
	SSL_set_max_proto_version(ssl, o->most < most ? o->most : (int)most);
}

void tls_offer_say(const struct tls_offer *o, SSL *ssl, bool fixed)
{
	say_versions(o, ssl);
	if (*o->signatures)
		SSL_set1_sigalgs_list(ssl, o->signatures);
	if (*o->groups)
		SSL_set1_groups_list(ssl, o->groups);
	if (*o->suites && !fixed)
		SSL_set_ciphersuites(ssl, o->suites);
	if (*o->ciphers && !fixed)
		SSL_set_cipher_list(ssl, o->ciphers);
	SSL_set_post_handshake_auth(ssl, o->post_handshake_auth);
	if (o->status)
		SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
	ERR_clear_error();
}

void tls_offer_answer(const SSL *server, SSL *client)
{
	int version = SSL_version(server);
	int group = version == TLS1_3_VERSION ? (int)SSL_get_negotiated_group((SSL *)server) : 0;

	if (version >= SSL_get_min_proto_version(client) &&
	    version <= SSL_get_max_proto_version(client)) {
		SSL_set_min_proto_version(client, version);
		SSL_set_max_proto_version(client, version);
	}
	if (group > 0 && !(group & TLSEXT_nid_unknown))
		SSL_set1_groups(client, &group, 1);
	ERR_clear_error();
}

/* tls_mint.c - makes X.509 certificates with OpenSSL, good ones and ones with exactly one fault. */
#include "proxy/stream/tls/tls_mint.h"

#include <ctype.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY	    INT64_C(86400)
#define CA_DAYS	    3650
#define LEAF_DAYS   90	/* as public authorities give them */
#define CN_MAX	    64	/* ub-common-name, RFC 5280 appendix A */
#define SERIAL_BITS 159 /* at most 20 octets and positive, RFC 5280 section 4.1.2.2 */
#define WRONG_NAME  "wrong-name.invalid" /* a top-level domain that never resolves, RFC 2606 */

EVP_PKEY *tls_mint_key(void)
{
	return EVP_EC_gen("P-256");
}

EVP_PKEY *tls_mint_rsa_key(void)
{
	return EVP_RSA_gen(2048);
}

bool tls_name_ok(const char *name, size_t n)
{
	static const char others[] = {'-', '.', '_', ':'};

	if (n == 0 || n > TLS_NAME_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && !memchr(others, name[i], sizeof(others)))
			return false;
	return true;
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

/* Built by hand: a name from the wire has no grammar to break out of. */
static bool add_name(X509 *cert, const char *name)
{
	ASN1_OCTET_STRING *ip = a2i_IPADDRESS(name);
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *one = GENERAL_NAME_new();
	ASN1_IA5STRING *dns = ip ? NULL : ASN1_IA5STRING_new();
	bool ok = names && one && (ip || (dns && ASN1_STRING_set(dns, name, -1) == 1));

	if (ok) {
		if (ip)
			GENERAL_NAME_set0_value(one, GEN_IPADD, ip);
		else
			GENERAL_NAME_set0_value(one, GEN_DNS, dns);
		ip = dns = NULL;
		ok = sk_GENERAL_NAME_push(names, one) > 0;
		if (ok)
			one = NULL;
	}
	ok = ok && X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
	ASN1_OCTET_STRING_free(ip);
	ASN1_IA5STRING_free(dns);
	GENERAL_NAME_free(one);
	GENERAL_NAMES_free(names);
	return ok;
}

static bool set_serial(X509 *cert)
{
	BIGNUM *n = BN_new();
	bool ok = n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
		  BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));

	BN_free(n);
	return ok;
}

static bool set_subject(X509 *cert, const char *organisation, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(cert);
	const unsigned char *o = (const unsigned char *)organisation;
	const unsigned char *cn = (const unsigned char *)name;

	return X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, o, -1, -1, 0) == 1 &&
	       (strlen(name) > CN_MAX ||
		X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, cn, -1, -1, 0) == 1);
}

static bool set_times(X509 *cert, int64_t from, int64_t to)
{
	return ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from) &&
	       ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)to);
}

static X509 *begin_certificate(EVP_PKEY *key)
{
	X509 *cert = X509_new();

	if (cert && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
	    X509_set_pubkey(cert, key) == 1)
		return cert;
	X509_free(cert);
	return NULL;
}

/* An authority that wedge hasn't made may have none, and then its leaves name none. */
static bool add_authority_key(X509 *cert, X509 *issuer)
{
	return !X509_get0_subject_key_id(issuer) ||
	       add_extension(cert, issuer, NID_authority_key_identifier, "keyid:always");
}

/* Ed25519 and Ed448 sign the whole and take no digest. */
static const EVP_MD *choose_digest(EVP_PKEY *key)
{
	bool whole = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");

	return whole ? NULL : EVP_sha256();
}

static X509 *sign_or_free(X509 *cert, EVP_PKEY *key, bool ok)
{
	if (ok && X509_sign(cert, key, choose_digest(key)) > 0)
		return cert;
	X509_free(cert);
	return NULL;
}

X509 *tls_mint_ca(EVP_PKEY *key, int64_t now)
{
	X509 *cert = begin_certificate(key);
	bool ok;

	if (!cert)
		return NULL;
	ok = set_subject(cert, "wedge", "wedge lab CA") &&
	     X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1 &&
	     set_times(cert, now - DAY, now + (int64_t)CA_DAYS * DAY) &&
	     add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	     add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	     add_extension(cert, cert, NID_subject_key_identifier, "hash");
	return sign_or_free(cert, key, ok);
}

static bool set_leaf_times(X509 *cert, enum cert_fault fault, int64_t now)
{
	int64_t from = now - DAY;

	if (fault == CERT_EXPIRED)
		from = now - (LEAF_DAYS + 1) * DAY;
	if (fault == CERT_NOT_YET_VALID)
		from = now + DAY;
	return set_times(cert, from, from + LEAF_DAYS * DAY);
}

X509 *tls_mint_leaf(const char *name, EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key,
		    enum cert_fault fault, int64_t now)
{
	X509 *cert = begin_certificate(key), *issuer = fault == CERT_SELF_SIGNED ? cert : ca;
	bool ok;

	if (!cert)
		return NULL;
	if (fault == CERT_WRONG_NAME)
		name = WRONG_NAME;
	ok = set_subject(cert, "wedge lab", name) &&
	     X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
	     set_leaf_times(cert, fault, now) &&
	     add_extension(cert, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
	     add_extension(cert, issuer, NID_key_usage, "critical,digitalSignature") &&
	     add_extension(cert, issuer, NID_ext_key_usage, "serverAuth") &&
	     add_extension(cert, issuer, NID_subject_key_identifier, "hash") &&
	     add_authority_key(cert, issuer) && add_name(cert, name);
	return sign_or_free(cert, issuer == cert ? key : ca_key, ok);
}

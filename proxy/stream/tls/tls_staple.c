/* tls_staple.c - the server's status, signed anew: its own response is about another certificate.
 */
#include "proxy/stream/tls/tls_staple.h"

#include <openssl/ocsp.h>
#include <stdbool.h>

#define HOUR INT64_C(3600)

/* The status of the first certificate of a response; -1: there is none. */
static int read_status(const unsigned char *der, size_t len, int *reason)
{
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &der, (long)len);
	OCSP_BASICRESP *basic = r ? OCSP_response_get1_basic(r) : NULL;
	OCSP_SINGLERESP *one = basic ? OCSP_resp_get0(basic, 0) : NULL;
	ASN1_GENERALIZEDTIME *revoked, *from, *to;
	int status = one ? OCSP_single_get0_status(one, reason, &revoked, &from, &to) : -1;

	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(r);
	return status;
}

static bool add_status(OCSP_BASICRESP *basic, X509 *leaf, X509 *ca, int status, int reason,
		       int64_t now)
{
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), leaf, ca);
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(now - HOUR));
	ASN1_TIME *to = ASN1_TIME_set(NULL, (time_t)(now + 24 * HOUR));
	bool ok =
	    id && from && to &&
	    OCSP_basic_add1_status(basic, id, status, reason,
				   status == V_OCSP_CERTSTATUS_REVOKED ? from : NULL, from, to);

	OCSP_CERTID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return ok;
}

unsigned char *tls_staple_make(X509 *leaf, X509 *ca, EVP_PKEY *ca_key, const unsigned char *der,
			       size_t len, int64_t now, size_t *n)
{
	int reason = -1, status = read_status(der, len, &reason), length = -1;
	OCSP_BASICRESP *basic = status == -1 ? NULL : OCSP_BASICRESP_new();
	OCSP_RESPONSE *r = NULL;
	unsigned char *out = NULL;

	/* No digest is named: the key's own, which EdDSA has none of. */
	if (basic && add_status(basic, leaf, ca, status, reason, now) &&
	    OCSP_basic_sign(basic, ca, ca_key, NULL, NULL, 0) == 1)
		r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	if (r)
		length = i2d_OCSP_RESPONSE(r, &out);
	OCSP_RESPONSE_free(r);
	OCSP_BASICRESP_free(basic);
	*n = length > 0 ? (size_t)length : 0;
	return length > 0 ? out : NULL;
}

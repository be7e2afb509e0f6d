/* tls_context.c - every file is read and every name checked before a client comes, for OpenSSL
 * takes some faulty ones in silence. */
#include "proxy/stream/tls/tls_context.h"

#include "proxy/base/mem.h"
#include "proxy/stream/tls/tls_ca.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <string.h>

#define CHAIN_MAX                                                                                  \
	(1 << 20) /* bytes of certificates that a peer may show; OpenSSL's own is 100 KiB */

#define SECURITY_OF_A_LAB                                                                          \
	0 /* any key and any digest that OpenSSL knows: old peers are tested too */

static int ssl_error(struct err *e, const char *what, const char *name)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	err_set(e, "%s %s: %s", what, name,
		ERR_GET_LIB(code) == ERR_LIB_SYS ? strerror(ERR_GET_REASON(code))
		: reason			 ? reason
						 : "OpenSSL refuses it");
	ERR_clear_error();
	return -1;
}

int tls_load_identity(SSL_CTX *ctx, const char *cert, const char *key, struct err *e)
{
	const char *from = *key ? key : cert;
	bool asked = false;

	SSL_CTX_set_default_passwd_cb(ctx, tls_no_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(ctx, &asked);
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return ssl_error(e, "can't read the certificate", cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, from, SSL_FILETYPE_PEM) != 1) {
		if (asked)
			return err_set(e,
				       "the private key %s has a passphrase; 'openssl pkey -in %s' "
				       "writes one without",
				       from, from);
		if (ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH ||
		    ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_TYPE_MISMATCH) {
			ERR_clear_error();
			return err_set(e, "%s isn't the private key of the certificate %s", from,
				       cert);
		}
		return ssl_error(e, "can't read the private key", from);
	}
	/* OpenSSL has a place for each type of key: one of another type is no mismatch to it, and
	 * leaves the certificate without a key. */
	if (SSL_CTX_check_private_key(ctx) != 1) {
		ERR_clear_error();
		return err_set(e, "%s isn't the private key of the certificate %s", from, cert);
	}
	return 0;
}

/* OpenSSL takes a list with some names that it doesn't know, silently. */
static int check_cipher(const char *name, struct err *e)
{
	SSL_CTX *scratch = SSL_CTX_new(TLS_method());
	bool suite = strncmp(name, "TLS_", 4) == 0, known = false;

	BUG_ON(!scratch);
	if (suite) {
		STACK_OF(SSL_CIPHER) *all = SSL_CTX_get_ciphers(scratch);

		for (int i = 0; i < sk_SSL_CIPHER_num(all) && !known; i++)
			known = strcmp(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(all, i)), name) == 0;
		known = known || SSL_CTX_set_ciphersuites(scratch, name) == 1;
	} else {
		known = SSL_CTX_set_cipher_list(scratch, name) == 1;
	}
	ERR_clear_error();
	SSL_CTX_free(scratch);
	return known ? 0
		     : err_set(e,
			       "'%.80s' is no cipher suite that OpenSSL knows; 'openssl "
			       "ciphers -s' lists them",
			       name);
}

static void append_name(char **list, const char *name)
{
	char *longer = *list ? xasprintf("%s:%s", *list, name) : xstrdup(name);

	free(*list);
	*list = longer;
}

/* Those of TLS 1.3 are set by another call than the others; where only one kind is named, the other
 * version keeps its own. */
static int set_ciphers(SSL_CTX *ctx, const char *names, struct err *e)
{
	char *copy = xstrdup(names), *rest = copy, *name;
	char *suites = NULL, *ciphers = NULL;
	int rc = 0;

	while (rc == 0 && (name = strsep(&rest, ":"))) {
		rc = check_cipher(name, e);
		append_name(strncmp(name, "TLS_", 4) == 0 ? &suites : &ciphers, name);
	}
	if (rc == 0 && suites && SSL_CTX_set_ciphersuites(ctx, suites) != 1)
		rc = ssl_error(e, "can't use the cipher suites", suites);
	if (rc == 0 && ciphers && SSL_CTX_set_cipher_list(ctx, ciphers) != 1)
		rc = ssl_error(e, "can't use the cipher suites", ciphers);
	free(copy);
	free(suites);
	free(ciphers);
	return rc;
}

SSL_CTX *tls_context_new(const struct tls_config *c, bool server, struct err *e)
{
	SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());

	BUG_ON(!ctx);
	SSL_CTX_set_min_proto_version(ctx,
				      c->versions == TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(ctx,
				      c->versions == TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
	SSL_CTX_set_security_level(ctx, SECURITY_OF_A_LAB);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				     SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_TICKET);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_max_cert_list(ctx, CHAIN_MAX);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	if (*c->ciphers && set_ciphers(ctx, c->ciphers, e) == -1) {
		err_wrap(e, "ciphers");
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

int tls_set_verify(SSL_CTX *ctx, const char *how, struct err *e)
{
	if (strcmp(how, "no") == 0)
		return 0;
	ERR_clear_error();
	if (strcmp(how, "system") == 0 ? SSL_CTX_set_default_verify_paths(ctx) != 1
				       : SSL_CTX_load_verify_file(ctx, how) != 1)
		return ssl_error(e, "verify: can't read the authorities", how);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	return 0;
}

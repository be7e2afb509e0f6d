/* tls_check.c - goes key by key, so that an error can be told with its place in the file. */
#include "proxy/stream/tls/tls_check.h"

#include "proxy/stream/tls/tls_ca.h"
#include "proxy/stream/tls/tls_context.h"
#include "proxy/stream/tls/tls_keylog.h"

#include <openssl/ssl.h>

static int check_serving(SSL_CTX *ctx, const struct tls_config *c, const char **key, struct err *e)
{
	*key = "cert";
	if (*c->cert)
		return tls_load_identity(ctx, c->cert, c->key, e);
	*key = "ca";
	return tls_ca_check(c->ca, e) == -1 ? err_wrap(e, "the lab CA") : 0;
}

static int check_dialling(SSL_CTX *ctx, const struct tls_config *c, const char **key, struct err *e)
{
	*key = "verify";
	if (tls_set_verify(ctx, c->verify, e) == -1)
		return -1;
	*key = "client-cert";
	return *c->client_cert ? tls_load_identity(ctx, c->client_cert, c->client_key, e) : 0;
}

int tls_check(const struct tls_config *c, const char **key, struct err *e)
{
	bool serves = c->mode == TLS_TERMINATE || c->mode == TLS_INTERCEPT;
	bool dials = c->mode == TLS_ORIGINATE || c->mode == TLS_INTERCEPT;
	SSL_CTX *server, *client;
	int rc;

	*key = "keylog";
	if (*c->keylog && tls_keylog_check(c->keylog, e) == -1)
		return -1;
	*key = "ciphers";
	server = tls_context_new(c, true, e);
	if (!server)
		return -1;
	client = tls_context_new(c, false, e);
	rc = client ? 0 : -1;
	if (rc == 0 && serves)
		rc = check_serving(server, c, key, e);
	if (rc == 0 && dials)
		rc = check_dialling(client, c, key, e);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	return rc;
}

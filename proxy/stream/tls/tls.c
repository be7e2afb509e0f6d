/* tls.c - makes contexts, key log and lab CA from a configuration, and lets the contexts tell the
 * sessions what happens. */
#include "proxy/stream/tls/tls.h"

#include "proxy/base/mem.h"
#include "proxy/stream/tls/tls_ca.h"
#include "proxy/stream/tls/tls_context.h"
#include "proxy/stream/tls/tls_keylog.h"
#include "proxy/stream/tls/tls_leg.h"
#include "proxy/stream/tls/tls_resume.h"
#include "proxy/stream/tls/tls_resumption.h"
#include "proxy/stream/tls/tls_session.h"
#include "proxy/stream/tls/tls_state.h"

#include <openssl/ssl.h>

static int open_keylog(struct tls *t, const char *path, struct err *e)
{
	if (*path)
		t->keylog = tls_keylog_open(path, e);
	return *path && t->keylog == -1 ? -1 : 0;
}

static int make_client_context(struct tls *t, const struct tls_config *c, struct err *e)
{
	SSL_CTX *ctx = t->ctx[LEG_CLIENT] = tls_context_new(c, true, e);

	if (!ctx)
		return -1;
	tls_session_set_callbacks(ctx, LEG_CLIENT);
	if (*c->cert)
		return tls_load_identity(ctx, c->cert, c->key, e);
	t->ca = tls_ca_open(c->ca, (enum cert_fault)c->cert_fault, e);
	return t->ca ? 0 : err_wrap(e, "the lab CA");
}

static int make_server_context(struct tls *t, const struct tls_config *c, struct err *e)
{
	SSL_CTX *ctx = t->ctx[LEG_SERVER] = tls_context_new(c, false, e);

	if (!ctx || tls_set_verify(ctx, c->verify, e) == -1)
		return -1;
	tls_session_set_callbacks(ctx, LEG_SERVER);
	t->verify = SSL_CTX_get_verify_mode(ctx) != SSL_VERIFY_NONE;
	return *c->client_cert ? tls_load_identity(ctx, c->client_cert, c->client_key, e) : 0;
}

/* In originate each session is whole: whose it would be, of many clients, nobody has said. */
static void let_resume(struct tls *t)
{
	if (t->mode != TLS_INTERCEPT && t->mode != TLS_TERMINATE)
		return;
	t->resume = tls_resume_new();
	if (t->mode == TLS_INTERCEPT)
		tls_resumption_set_callbacks(t->ctx[LEG_CLIENT], t->ctx[LEG_SERVER]);
	else
		tls_resumption_set_own(t->ctx[LEG_CLIENT]);
}

struct tls *tls_new(const struct tls_config *c, struct err *e)
{
	bool serves = c->mode == TLS_TERMINATE || c->mode == TLS_INTERCEPT;
	bool dials = c->mode == TLS_ORIGINATE || c->mode == TLS_INTERCEPT;
	struct tls *t = xcalloc(1, sizeof(*t));
	int alpn;

	t->refs = 1;
	t->keylog = -1;
	t->mode = (enum tls_mode)c->mode;
	t->method = tls_leg_method();
	t->own_ciphers = *c->ciphers;
	alpn = tls_config_alpn(c->alpn, t->alpn, e);
	BUG_ON(alpn == -1); /* it has been checked */
	t->alpn_len = (unsigned)alpn;
	if (open_keylog(t, c->keylog, e) == 0 && (!serves || make_client_context(t, c, e) == 0) &&
	    (!dials || make_server_context(t, c, e) == 0)) {
		let_resume(t);
		return t;
	}
	tls_unref(t);
	return NULL;
}

void tls_copy_secrets(struct tls *t, const struct line_copies *copies)
{
	t->copies = copies;
}

int tls_keylog(const struct tls *t)
{
	return t->keylog;
}

void tls_write_keylog(struct tls *t, struct writer *w)
{
	t->keylog_writer = w;
}

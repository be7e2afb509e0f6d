/* tls_session.c - what the two legs must know of each other. The client's hello is read, then the
 * server's leg greets with the same names, then the client is answered. */
#include "proxy/stream/tls/tls_session.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/line_copies.h"
#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/base/writer.h"
#include "proxy/stream/tls/tls_ca.h"
#include "proxy/stream/tls/tls_leg.h"
#include "proxy/stream/tls/tls_offer.h"
#include "proxy/stream/tls/tls_resumption.h"
#include "proxy/stream/tls/tls_state.h"

#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <string.h>
#include <unistd.h>

#define ALPN_MAX 1024 /* bytes of a list that is carried over */

struct tls_session {
	struct tls *tls;
	struct host_port upstream;
	bool connected; /* the server has accepted */
	bool hello;	/* the client's hello has been read: sni and alpn are what it asks for */
	bool named;	/* the host has been told of it */
	char sni[TLS_NAME_MAX + 1];
	unsigned char alpn[ALPN_MAX];
	size_t alpn_len;
	struct tls_offer offer; /* of the client's hello */
	struct tls_resumption resumption;
	bool asked; /* the server has asked for a certificate that there isn't */
	struct tls_leg leg[LEG_COUNT];
};

static bool is_address(const char *name)
{
	struct addr a;

	return addr_parse_host(name, 0, &a, NULL) == 0;
}

/* The names with which the server is greeted. */
static bool set_names(struct tls_session *ts, SSL *ssl)
{
	bool carried = ts->tls->mode == TLS_INTERCEPT;
	const char *sni = carried ? ts->sni : ts->upstream.host;
	const char *name = *sni ? sni : ts->upstream.host;

	if (*sni && !is_address(sni) && SSL_set_tlsext_host_name(ssl, sni) != 1)
		return false;
	if (ts->alpn_len && SSL_set_alpn_protos(ssl, ts->alpn, (unsigned)ts->alpn_len) != 0)
		return false;
	if (!carried && ts->tls->alpn_len &&
	    SSL_set_alpn_protos(ssl, ts->tls->alpn, ts->tls->alpn_len) != 0)
		return false;
	if (carried)
		tls_offer_say(&ts->offer, ssl, ts->tls->own_ciphers);
	tls_resumption_say(&ts->resumption, ssl);
	if (!ts->tls->verify)
		return true;
	if (is_address(name))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
	return SSL_set1_host(ssl, name) == 1;
}

static bool may_dial(struct tls_session *ts)
{
	SSL *ssl = ts->leg[LEG_SERVER].ssl;

	if (!ts->connected || (ts->leg[LEG_CLIENT].ssl && !ts->hello))
		return false;
	if (SSL_in_before(ssl))
		BUG_ON(!set_names(ts, ssl));
	return true;
}

static void report_name(struct tls_session *ts)
{
	const struct tls_handshake_flow *h = &ts->leg[LEG_CLIENT].handshake;

	if (!ts->hello || ts->named)
		return;
	ts->named = true;
	h->host->named(h->host_arg);
}

static void pass_tickets(struct tls_session *ts)
{
	tls_resumption_pass(&ts->resumption);
}

static const struct tls_leg_host leg_host = {
    .may_dial = may_dial,
    .stepped = report_name,
    .took = pass_tickets,
};

struct tls_session *tls_session_new(struct tls *tls, const struct host_port *upstream,
				    const struct env *env, uint64_t number,
				    const struct tls_handshake_host *host, void *host_arg)
{
	struct tls_session *ts = xcalloc(1, sizeof(*ts));

	ts->tls = tls_ref(tls);
	ts->upstream = *upstream;
	tls_resumption_init(&ts->resumption, tls->resume, &ts->leg[LEG_CLIENT],
			    &ts->leg[LEG_SERVER]);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		ts->leg[leg].host = &leg_host;
		ts->leg[leg].session = ts;
		ts->leg[leg].leg = leg;
		ts->leg[leg].alert_in = -1;
		if (tls->ctx[leg])
			tls_handshake_flow_init(&ts->leg[leg].handshake, env, leg, number, host,
						host_arg);
	}
	return ts;
}

void tls_session_free(struct tls_session *ts)
{
	if (!ts)
		return;
	for (int i = 0; i < LEG_COUNT; i++) {
		SSL_free(ts->leg[i].ssl);
		if (ts->tls->ctx[i])
			tls_handshake_flow_fini(&ts->leg[i].handshake);
	}
	tls_resumption_fini(&ts->resumption);
	tls_unref(ts->tls);
	free(ts);
}

struct transport *tls_session_wrap(struct tls_session *ts, enum leg leg, int fd)
{
	struct tls_leg *l = &ts->leg[leg];

	if (!ts->tls->ctx[leg])
		return NULL;
	BUG_ON(tls_leg_open(l, ts->tls->ctx[leg], ts->tls->method, fd) == -1);
	return &l->t;
}

struct flow *tls_session_handshake(struct tls_session *ts, enum leg leg)
{
	return ts->tls->ctx[leg] ? &ts->leg[leg].handshake.flow : NULL;
}

bool tls_session_stopped(const struct tls_session *ts)
{
	for (int i = 0; i < LEG_COUNT; i++)
		if (ts->tls->ctx[i] && ts->leg[i].handshake.fin_sent)
			return true;
	return false;
}

void tls_session_connected(struct tls_session *ts)
{
	ts->connected = true;
}

/* RFC 6066 section 3: a list's length, a type, a name's length, a name. One name is all that
 * anybody sends. */
static void read_sni(struct tls_session *ts, SSL *ssl)
{
	const unsigned char *p;
	size_t n, name;

	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &p, &n) != 1 || n < 5)
		return;
	name = get_be16(p + 3);
	if (p[2] != TLSEXT_NAMETYPE_host_name || name > n - 5 ||
	    !tls_name_ok((const char *)p + 5, name))
		return;
	memcpy(ts->sni, p + 5, name);
	ts->sni[name] = '\0';
}

/* OpenSSL hasn't looked at the list yet, and refuses to send one that isn't whole or has an empty
 * name in it. */
static bool is_alpn_list(const unsigned char *p, size_t n)
{
	for (size_t at = 0; at < n; at += 1u + p[at])
		if (!p[at] || p[at] >= n - at)
			return false;
	return n > 0;
}

/* RFC 7301 section 3.1: the list without its own length is what OpenSSL wants on the other leg. */
static void read_alpn(struct tls_session *ts, SSL *ssl)
{
	const unsigned char *p;
	size_t n;

	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &p,
				      &n) != 1 ||
	    n < 2 || n - 2 > sizeof(ts->alpn) || !is_alpn_list(p + 2, n - 2))
		return;
	memcpy(ts->alpn, p + 2, n - 2);
	ts->alpn_len = n - 2;
}

/* Clients look for the issuer of a response among the certificates that they are sent. */
static bool is_stapled(const struct tls_session *ts)
{
	const SSL *server = ts->leg[LEG_SERVER].ssl;
	unsigned char *p;

	return ts->offer.status && server && SSL_get_tlsext_status_ocsp_resp((SSL *)server, &p) > 0;
}

/* One for the name that is asked for, else for the address that is connected to. */
static bool use_certificate(struct tls_session *ts, SSL *ssl)
{
	char text[ADDR_TEXT];
	const char *name = ts->sni;
	struct addr local;
	EVP_PKEY *key;
	X509 *cert;

	if (!ts->tls->ca)
		return true;
	if (!*name) {
		sock_local(ts->leg[LEG_CLIENT].t.fd, &local);
		name = addr_format_host(&local, text);
	}
	cert = tls_ca_leaf(ts->tls->ca, name, ts->offer.no_ecdsa, &key);
	return cert && SSL_use_certificate(ssl, cert) == 1 && SSL_use_PrivateKey(ssl, key) == 1 &&
	       (!is_stapled(ts) || SSL_add1_chain_cert(ssl, tls_ca_certificate(ts->tls->ca)) == 1);
}

/* What the client is told when the server's leg has failed: what the server has said, if anything.
 */
static int choose_alert(const struct tls_leg *server)
{
	if (server->alert_in != -1)
		return server->alert_in;
	if (SSL_get_verify_result(server->ssl) != X509_V_OK && server->session->tls->verify)
		return SSL_AD_BAD_CERTIFICATE;
	return SSL_AD_HANDSHAKE_FAILURE;
}

static int hello_cb(SSL *ssl, int *alert, void *arg)
{
	struct tls_leg *l = SSL_get_app_data(ssl);
	struct tls_session *ts = l->session;
	const struct tls_leg *server = &ts->leg[LEG_SERVER];

	(void)arg;
	if (!ts->hello) {
		read_sni(ts, ssl);
		read_alpn(ts, ssl);
		tls_offer_read(&ts->offer, ssl);
		tls_resumption_read(&ts->resumption, ssl);
		ts->hello = true;
	}
	if (!ts->connected || (server->ssl && server->setup == LEG_SETUP_WAIT))
		return SSL_CLIENT_HELLO_RETRY;
	if (server->ssl && server->setup == LEG_SETUP_FAILED) {
		*alert = choose_alert(server);
		return SSL_CLIENT_HELLO_ERROR;
	}
	if (server->ssl) {
		tls_offer_answer(server->ssl, ssl);
		tls_resumption_answer(&ts->resumption, ssl);
	}
	if (use_certificate(ts, ssl))
		return SSL_CLIENT_HELLO_SUCCESS;
	*alert = SSL_AD_INTERNAL_ERROR;
	return SSL_CLIENT_HELLO_ERROR;
}

/* Where the server has stapled a response, the client that asks gets one about the certificate that
 * it is shown. */
static int status_cb(SSL *ssl, void *arg)
{
	struct tls_leg *l = SSL_get_app_data(ssl);
	const struct tls_session *ts = l->session;
	const struct tls_leg *server = &ts->leg[LEG_SERVER];
	unsigned char *theirs = NULL, *ours;
	long len = server->ssl ? SSL_get_tlsext_status_ocsp_resp(server->ssl, &theirs) : -1;
	size_t n;

	(void)arg;
	if (len <= 0 || !ts->tls->ca)
		return SSL_TLSEXT_ERR_NOACK;
	ours = tls_ca_staple(ts->tls->ca, SSL_get_certificate(ssl), theirs, (size_t)len, &n);
	if (!ours)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, ours, (long)n); /* which frees it */
	return SSL_TLSEXT_ERR_OK;
}

/* The server asks for a certificate, in the handshake or later, and none suits. */
static int client_cert_cb(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
	struct tls_leg *l = SSL_get_app_data(ssl);

	(void)cert;
	(void)key;
	l->session->asked = true;
	return 0;
}

bool tls_session_asked(const struct tls_session *ts)
{
	return ts->asked;
}

/* In terminate the proxy's own list is the server's. */
static int choose_own_alpn(const struct tls *tls, const unsigned char **out, unsigned char *outlen,
			   const unsigned char *in, unsigned inlen)
{
	unsigned char *chosen;

	if (SSL_select_next_proto(&chosen, outlen, tls->alpn, tls->alpn_len, in, inlen) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL; /* no_application_protocol, RFC 7301 */
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* The server's choice is the client's answer. */
static int alpn_cb(SSL *ssl, const unsigned char **out, unsigned char *outlen,
		   const unsigned char *in, unsigned inlen, void *arg)
{
	struct tls_leg *l = SSL_get_app_data(ssl);
	const struct tls_leg *server = &l->session->leg[LEG_SERVER];
	unsigned n = 0;

	(void)arg;
	if (!server->ssl && l->session->tls->alpn_len)
		return choose_own_alpn(l->session->tls, out, outlen, in, inlen);
	if (server->ssl)
		SSL_get0_alpn_selected(server->ssl, out, &n);
	*outlen = (unsigned char)n;
	return n ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static void info_cb(const SSL *ssl, int where, int ret)
{
	struct tls_leg *l = SSL_get_app_data(ssl);

	if (!(where & SSL_CB_ALERT) || ret >> 8 != SSL3_AL_FATAL)
		return;
	if (where & SSL_CB_READ)
		l->alert_in = ret & 0xff;
	else
		l->t.alerted = true;
}

/* One line, one write: several proxies and wedges may append to one file. */
static void log_secret(const struct tls *t, const char *line, size_t len)
{
	ssize_t n = 0;

	if (t->keylog_writer)
		writer_put(t->keylog_writer, line, len);
	else if (t->keylog != -1)
		n = write(t->keylog, line, len);
	(void)n; /* a full disk doesn't end a session */
	if (t->copies)
		line_copies_put(t->copies, line, len);
}

static void keylog_cb(const SSL *ssl, const char *line)
{
	struct tls_leg *l = SSL_get_app_data(ssl);
	char *text = xasprintf("%s\n", line);

	tls_leg_secret(l, line);
	log_secret(l->session->tls, text, strlen(text));
	OPENSSL_cleanse(text, strlen(text));
	free(text);
}

void tls_session_set_callbacks(SSL_CTX *ctx, enum leg leg)
{
	SSL_CTX_set_info_callback(ctx, info_cb);
	SSL_CTX_set_keylog_callback(ctx, keylog_cb);
	if (leg == LEG_SERVER) {
		SSL_CTX_set_client_cert_cb(ctx, client_cert_cb);
		return;
	}
	SSL_CTX_set_tlsext_status_cb(ctx, status_cb);
	SSL_CTX_set_client_hello_cb(ctx, hello_cb, NULL);
	SSL_CTX_set_alpn_select_cb(ctx, alpn_cb, NULL);
}

void tls_session_facts(const struct tls_session *ts, enum leg leg, struct tls_facts *out)
{
	const SSL *ssl = ts->leg[leg].ssl;
	const unsigned char *alpn;
	unsigned n;

	*out = (struct tls_facts){.version = "", .cipher = "", .sni = ""};
	if (!ssl)
		return;
	out->version = SSL_get_version(ssl);
	out->resumed = SSL_session_reused(ssl);
	out->cipher = SSL_get_cipher_name(ssl);
	if (leg == LEG_CLIENT)
		out->sni = ts->sni;
	else if (SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
		out->sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	SSL_get0_alpn_selected(ssl, &alpn, &n);
	for (unsigned i = 0; i < n && i < sizeof(out->alpn) - 1; i++)
		out->alpn[i] = (char)(alpn[i] >= ' ' && alpn[i] < 127 ? alpn[i] : '?');
}

const char *tls_session_sni(const struct tls_session *ts)
{
	return ts->hello ? ts->sni : NULL;
}

/* tls_leg.c - the TLS transport: OpenSSL over one non-blocking socket, with its outcomes told in
 * the words of recv() and send(). Knows no certificates and no other leg. */
#include "proxy/stream/tls_internal.h"

#include <errno.h>
#include <event2/buffer.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>

/* The socket under OpenSSL: its own BIO raises SIGPIPE, and forgets which error it was. */
static int sock_read(BIO *bio, char *p, int n)
{
	struct tls_leg *l = BIO_get_data(bio);
	ssize_t got;

	do
		got = recv(l->t.fd, p, (size_t)n, 0);
	while (got == -1 && errno == EINTR);

	BIO_clear_retry_flags(bio);
	if (got == 0)
		l->t.eof = true;
	if (got == -1 && errno == EAGAIN)
		BIO_set_retry_read(bio);
	else if (got == -1)
		l->error = errno;
	return (int)got;
}

static int sock_write(BIO *bio, const char *p, int n)
{
	struct tls_leg *l = BIO_get_data(bio);
	ssize_t sent;

	do
		sent = send(l->t.fd, p, (size_t)n, MSG_NOSIGNAL);
	while (sent == -1 && errno == EINTR);

	BIO_clear_retry_flags(bio);
	if (sent == -1 && errno == EAGAIN)
		BIO_set_retry_write(bio);
	else if (sent == -1)
		l->error = errno;
	return (int)sent;
}

static long sock_ctrl(BIO *bio, int what, long n, void *p)
{
	const struct tls_leg *l = BIO_get_data(bio);

	(void)n;
	(void)p;
	if (what == BIO_CTRL_FLUSH)
		return 1;
	return what == BIO_CTRL_EOF ? l->t.eof : 0;
}

BIO_METHOD *tls_sock_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "wedge socket");

	BUG_ON(!m);
	BIO_meth_set_read(m, sock_read);
	BIO_meth_set_write(m, sock_write);
	BIO_meth_set_ctrl(m, sock_ctrl);
	return m;
}

int tls_leg_open(struct tls_leg *l, SSL_CTX *ctx, int fd)
{
	BIO *bio = BIO_new(l->session->tls->method);

	l->t = (struct transport){.ops = &transport_tls, .fd = fd};
	l->greeted = GREET_WAIT;
	l->ssl = SSL_new(ctx);
	if (!bio || !l->ssl) {
		BIO_free(bio);
		SSL_free(l->ssl);
		l->ssl = NULL;
		return -1;
	}
	BIO_set_data(bio, l);
	BIO_set_init(bio, 1);
	SSL_set_bio(l->ssl, bio, bio);
	SSL_set_app_data(l->ssl, l);
	if (l->leg == LEG_CLIENT)
		SSL_set_accept_state(l->ssl);
	else
		SSL_set_connect_state(l->ssl);
	return 0;
}

/* What OpenSSL says, in one line, for the session's. */
static void explain(struct tls_leg *l, const char *when)
{
	unsigned long code = ERR_peek_error();
	long verified = SSL_get_verify_result(l->ssl);
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	if (l->alert_in != -1)
		snprintf(l->t.why, sizeof(l->t.why), "%s: fatal alert from it: %s", when,
			 SSL_alert_desc_string_long(l->alert_in));
	else if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		snprintf(l->t.why, sizeof(l->t.why), "%s: its certificate: %s", when,
			 X509_verify_cert_error_string(verified));
	else
		snprintf(l->t.why, sizeof(l->t.why), "%s: %s", when, reason ? reason : "failed");
}

static enum greet greet_failed(struct tls_leg *l)
{
	if (l->t.eof)
		snprintf(l->t.why, sizeof(l->t.why), "FIN in the TLS handshake");
	else if (l->error)
		snprintf(l->t.why, sizeof(l->t.why), "%s in the TLS handshake",
			 l->error == ECONNRESET || l->error == EPIPE ? "RST" : strerror(l->error));
	else
		explain(l, "TLS handshake");
	return l->greeted = GREET_FAILED;
}

static enum greet leg_greet(struct transport *t)
{
	struct tls_leg *l = (struct tls_leg *)t;
	int rc;

	if (l->greeted != GREET_WAIT)
		return l->greeted;
	if (l->leg == LEG_SERVER && !tls_session_may_dial(l->session))
		return GREET_WAIT;
	ERR_clear_error();
	rc = SSL_do_handshake(l->ssl);
	if (rc == 1)
		return l->greeted = GREET_DONE;
	switch (SSL_get_error(l->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
	case SSL_ERROR_WANT_CLIENT_HELLO_CB:
		return GREET_WAIT;
	default:
		return greet_failed(l);
	}
}

/* An outcome that isn't bytes: 0 or -1 with errno. */
static ssize_t no_bytes(struct tls_leg *l, int rc)
{
	int error = SSL_get_error(l->ssl, rc);

	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		l->t.read_waits = error == SSL_ERROR_WANT_WRITE;
		errno = EAGAIN;
		return -1;
	}
	if (l->error) {
		errno = l->error;
		return -1;
	}
	if (error == SSL_ERROR_ZERO_RETURN || l->t.eof) {
		l->t.truncated = l->t.eof;
		return 0;
	}
	explain(l, "TLS");
	errno = EPROTO;
	return -1;
}

static ssize_t leg_read(struct transport *t, void *p, size_t n)
{
	struct tls_leg *l = (struct tls_leg *)t;
	int rc;

	ERR_clear_error();
	rc = SSL_read(l->ssl, p, n < INT_MAX ? (int)n : INT_MAX);
	return rc > 0 ? rc : no_bytes(l, rc);
}

/* One record at a time, as full as the bytes that are there make it. */
static ssize_t leg_write(struct transport *t, struct evbuffer *out)
{
	struct tls_leg *l = (struct tls_leg *)t;
	size_t n = evbuffer_get_length(out);
	const unsigned char *p;
	bool reading = t->read_waits;
	ssize_t rc;

	n = n < SSL3_RT_MAX_PLAIN_LENGTH ? n : SSL3_RT_MAX_PLAIN_LENGTH;
	p = evbuffer_pullup(out, (ev_ssize_t)n);
	BUG_ON(!p);
	ERR_clear_error();
	rc = SSL_write(l->ssl, p, (int)n);
	if (rc <= 0)
		rc = no_bytes(l, (int)rc);
	t->read_waits = reading;
	return rc;
}

static bool leg_finish(struct transport *t)
{
	struct tls_leg *l = (struct tls_leg *)t;
	int rc;

	ERR_clear_error();
	rc = SSL_shutdown(l->ssl);
	return rc >= 0 || SSL_get_error(l->ssl, rc) != SSL_ERROR_WANT_WRITE;
}

const struct transport_ops transport_tls = {
    .greet = leg_greet,
    .read = leg_read,
    .write = leg_write,
    .finish = leg_finish,
};

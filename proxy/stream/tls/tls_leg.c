/* tls_leg.c - the outcomes of OpenSSL in the words of recv() and send(); what it writes in the
 * handshake goes through the handshake's flow before the socket. */
#include "proxy/stream/tls/tls_leg.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/sockopt.h"
#include "proxy/base/tls_alert.h"

#include <errno.h>
#include <event2/buffer.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

static void note_first(struct transport *t, const char *p, size_t n)
{
	struct transport_words *w = t->words;
	size_t room = sizeof(w->first) - w->nfirst;

	memcpy(w->first + w->nfirst, p, n < room ? n : room);
	w->nfirst += n < room ? n : room;
}

/* The socket under OpenSSL: its own BIO raises SIGPIPE, and forgets which error it was. */
static int sock_read(BIO *bio, char *p, int n)
{
	struct tls_leg *l = BIO_get_data(bio);
	ssize_t got;

	do
		got = recv(l->t.fd, p, (size_t)n, 0);
	while (got == -1 && errno == EINTR);

	BIO_clear_retry_flags(bio);
	if (got > 0)
		note_first(&l->t, p, (size_t)got);
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

	if (!l->handshake.done) {
		tls_handshake_flow_say(&l->handshake, p, (size_t)n);
		BIO_clear_retry_flags(bio);
		return n;
	}
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

BIO_METHOD *tls_leg_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "wedge socket");

	BUG_ON(!m);
	BIO_meth_set_read(m, sock_read);
	BIO_meth_set_write(m, sock_write);
	BIO_meth_set_ctrl(m, sock_ctrl);
	return m;
}

/* What OpenSSL writes: each record's header, then the message that it completes. The bytes
 * themselves come to the socket later. */
static void message_cb(int writes, int version, int type, const void *p, size_t n, SSL *ssl,
		       void *arg)
{
	struct tls_leg *l = SSL_get_app_data(ssl);
	const unsigned char *header = p;

	(void)version;
	(void)arg;
	if (!writes || l->handshake.done)
		return;
	if (type == SSL3_RT_HEADER && n >= SSL3_RT_HEADER_LENGTH)
		tls_handshake_flow_record(&l->handshake,
					  SSL3_RT_HEADER_LENGTH + get_be16(header + 3));
	else if (type == SSL3_RT_INNER_CONTENT_TYPE)
		tls_handshake_flow_sealed(&l->handshake);
	else if (type == SSL3_RT_HANDSHAKE)
		tls_handshake_flow_message(&l->handshake);
}

/* "SERVER_HANDSHAKE_TRAFFIC_SECRET RANDOM SECRET": kept when it is for what this leg sends. */
void tls_leg_secret(struct tls_leg *l, const char *line)
{
	static const char *const labels[LEG_COUNT][TLS_EPOCHS] = {
	    [LEG_CLIENT] = {"SERVER_HANDSHAKE_TRAFFIC_SECRET ", "SERVER_TRAFFIC_SECRET_0 "},
	    [LEG_SERVER] = {"CLIENT_HANDSHAKE_TRAFFIC_SECRET ", "CLIENT_TRAFFIC_SECRET_0 "},
	};
	const struct message_marks *said = &l->handshake.marks;
	const char *value = strrchr(line, ' ');

	for (int i = 0; i < TLS_EPOCHS && value && said->n && !l->handshake.done; i++) {
		struct tls_epoch *e = &l->epoch[i];

		if (strncmp(line, labels[l->leg][i], strlen(labels[l->leg][i])) != 0)
			continue;
		if (!tls_secret_parse(&e->secret, value + 1))
			e->secret.len = 0;
		e->from = said->end[said->n - 1];
	}
}

/* The last epoch that has begun at that place; NULL: there it isn't encrypted yet, or not as in TLS
 * 1.3. */
static const struct tls_epoch *find_epoch(const struct tls_leg *l, uint64_t place)
{
	for (int i = TLS_EPOCHS - 1; i >= 0; i--)
		if (l->epoch[i].secret.len && l->epoch[i].from <= place)
			return &l->epoch[i];
	return NULL;
}

static void append_alert(struct tls_handshake_flow *h, uint64_t place, unsigned char description,
			 struct evbuffer *out)
{
	struct tls_leg *l = container_of(h, struct tls_leg, handshake);
	const struct tls_epoch *e = find_epoch(l, place);
	unsigned char clear[TLS_ALERT_CLEAR], sealed[TLS_ALERT_SEALED];
	uint64_t sequence = 0;

	for (unsigned i = 0; e && i < h->sealed.n; i++)
		sequence += h->sealed.end[i] > e->from && h->sealed.end[i] <= place;
	if (e && tls_alert_sealed(description, SSL_get_current_cipher(l->ssl), &e->secret, sequence,
				  sealed)) {
		BUG_ON(evbuffer_add(out, sealed, sizeof(sealed)) == -1);
		return;
	}
	tls_alert_clear(description, clear);
	BUG_ON(evbuffer_add(out, clear, sizeof(clear)) == -1);
}

/* What OpenSSL says, in one line, for the session's. */
static void explain_failure(struct tls_leg *l, const char *when)
{
	unsigned long code = ERR_peek_error();
	long verified = SSL_get_verify_result(l->ssl);
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	if (l->alert_in != -1)
		snprintf(l->words.why, sizeof(l->words.why), "%s: fatal alert from it: %s", when,
			 SSL_alert_desc_string_long(l->alert_in));
	else if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		snprintf(l->words.why, sizeof(l->words.why), "%s: its certificate: %s", when,
			 X509_verify_cert_error_string(verified));
	else
		snprintf(l->words.why, sizeof(l->words.why), "%s: %s", when,
			 reason ? reason : "failed");
}

static enum leg_setup setup_failed(struct tls_leg *l)
{
	if (l->t.eof)
		snprintf(l->words.why, sizeof(l->words.why), "FIN in the TLS handshake");
	else if (l->error)
		snprintf(l->words.why, sizeof(l->words.why), "%s in the TLS handshake",
			 l->error == ECONNRESET || l->error == EPIPE ? "RST" : strerror(l->error));
	else
		explain_failure(l, "TLS handshake");
	return l->setup = LEG_SETUP_FAILED;
}

/* A stage has ended it with FIN: what its peer still sends is read and thrown away, so that the FIN
 * isn't followed by an RST, until it has closed too. */
static enum leg_setup setup_ended(struct tls_leg *l)
{
	char scratch[4096];
	ssize_t n;

	do
		n = recv(l->t.fd, scratch, sizeof(scratch), 0);
	while (n > 0 || (n == -1 && errno == EINTR));
	if (n == -1 && errno == EAGAIN)
		return LEG_SETUP_WAIT;
	l->t.eof = n == 0;
	snprintf(l->words.why, sizeof(l->words.why), "an impairment ended its TLS handshake");
	return l->setup = LEG_SETUP_FAILED;
}

/* While OpenSSL doesn't read: a FIN in the middle of a handshake, after which there is no end to
 * it. */
static enum leg_setup check_given_up(struct tls_leg *l)
{
	l->t.eof = sock_has_fin(l->t.fd);
	return l->t.eof ? setup_failed(l) : LEG_SETUP_WAIT;
}

/* One step of OpenSSL; what it has said isn't sent yet. */
static enum leg_setup step_handshake(struct tls_leg *l)
{
	int rc;

	if (l->agreed)
		return LEG_SETUP_DONE;
	ERR_clear_error();
	rc = SSL_do_handshake(l->ssl);
	l->agreed = rc == 1;
	if (l->agreed)
		return LEG_SETUP_DONE;
	switch (SSL_get_error(l->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return LEG_SETUP_WAIT;
	case SSL_ERROR_WANT_CLIENT_HELLO_CB: /* it waits for the server's leg, and reads nothing */
		return check_given_up(l);
	default:
		return setup_failed(l);
	}
}

static enum leg_setup tls_leg_setup(struct transport *t)
{
	struct tls_leg *l = (struct tls_leg *)t;
	enum leg_setup setup;

	if (l->setup != LEG_SETUP_WAIT)
		return l->setup;
	if (l->leg == LEG_SERVER && !l->host->may_dial(l->session))
		return LEG_SETUP_WAIT;
	if (tls_handshake_flow_ended(&l->handshake)) {
		tls_handshake_flow_push(&l->handshake);
		return setup_ended(l);
	}
	setup = step_handshake(l);
	l->host->stepped(l->session);
	tls_handshake_flow_push(&l->handshake);
	if (setup != LEG_SETUP_DONE)
		return setup;
	if (!tls_handshake_flow_quiet(&l->handshake))
		return check_given_up(l);
	tls_handshake_flow_finish(&l->handshake);
	l->setup = LEG_SETUP_DONE;
	l->host->took(l->session);
	return l->setup;
}

/* An outcome that isn't bytes: 0 or -1 with errno. */
static ssize_t report_no_bytes(struct tls_leg *l, int rc)
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
	explain_failure(l, "TLS");
	errno = EPROTO;
	return -1;
}

static ssize_t leg_read(struct transport *t, void *p, size_t n)
{
	struct tls_leg *l = (struct tls_leg *)t;
	int rc, error;

	ERR_clear_error();
	rc = SSL_read(l->ssl, p, n < INT_MAX ? (int)n : INT_MAX);
	if (rc <= 0)
		rc = (int)report_no_bytes(l, rc);
	error = errno;
	if (l->leg == LEG_SERVER)
		l->host->took(l->session);
	errno = error;
	return rc;
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
		rc = report_no_bytes(l, (int)rc);
	t->read_waits = reading;
	return rc;
}

bool tls_leg_flush(struct tls_leg *l)
{
	int rc;

	ERR_clear_error();
	rc = SSL_in_init(l->ssl) ? SSL_do_handshake(l->ssl) : 1;
	return rc == 1 || SSL_get_error(l->ssl, rc) != SSL_ERROR_WANT_WRITE;
}

static bool leg_finish(struct transport *t)
{
	struct tls_leg *l = (struct tls_leg *)t;
	int rc;

	if (l->handshake.done && !tls_leg_flush(l))
		return false;
	ERR_clear_error();
	rc = SSL_shutdown(l->ssl);
	return rc >= 0 || SSL_get_error(l->ssl, rc) != SSL_ERROR_WANT_WRITE;
}

static const struct transport_ops transport_tls = {
    .setup = tls_leg_setup,
    .read = leg_read,
    .write = leg_write,
    .finish = leg_finish,
};

int tls_leg_open(struct tls_leg *l, SSL_CTX *ctx, BIO_METHOD *method, int fd)
{
	BIO *bio = BIO_new(method);

	l->t = (struct transport){.ops = &transport_tls, .fd = fd, .words = &l->words};
	l->setup = LEG_SETUP_WAIT;
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
	SSL_set_msg_callback(l->ssl, message_cb);
	l->handshake.fd = fd;
	l->handshake.alert = append_alert;
	if (l->leg == LEG_CLIENT)
		SSL_set_accept_state(l->ssl);
	else
		SSL_set_connect_state(l->ssl);
	return 0;
}

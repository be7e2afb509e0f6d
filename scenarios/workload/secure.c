/* secure.c - OpenSSL on a non-blocking socket; a record is written by one send(2). */
#include "scenarios/workload/secure.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define KEY_BITS      2048
#define SERIAL_BITS   63
#define DAY	      (24 * 3600L)
#define MADE_DAYS_AGO 40
#define VALID_DAYS    365

struct secure_context {
	SSL_CTX *ssl;
	bool server;
};

struct secure {
	SSL *ssl;
	bool speaks; /* a client, before its hello */
	bool done;   /* the handshake */
	bool broken; /* nothing may be written any more, or nobody would read it */
};

static struct secure_context *make_context(const SSL_METHOD *method, bool server)
{
	struct secure_context *c = xcalloc(1, sizeof(*c));

	c->server = server;
	c->ssl = SSL_CTX_new(method);
	BUG_ON(!c->ssl);
	BUG_ON(SSL_CTX_set_max_proto_version(c->ssl, TLS1_2_VERSION) != 1);
	SSL_CTX_set_mode(c->ssl,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set_options(c->ssl, SSL_OP_NO_RENEGOTIATION);
	return c;
}

struct secure_context *secure_client(void)
{
	struct secure_context *c = make_context(TLS_client_method(), false);

	SSL_CTX_set_verify(c->ssl, SSL_VERIFY_NONE, NULL);
	return c;
}

static bool add_names(X509 *cert, const struct addr *address)
{
	X509_NAME *name = X509_get_subject_name(cert);
	char text[ADDR_TEXT], alternative[ADDR_TEXT + 8];
	X509_EXTENSION *ext;
	bool ok;

	addr_format_host(address, text);
	snprintf(alternative, sizeof(alternative), "IP:%s", text);
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
	ok = ext && X509_add_ext(cert, ext, -1) == 1 &&
	     X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
					(const unsigned char *)"wedge lab", -1, -1, 0) == 1 &&
	     X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1,
					-1, 0) == 1 &&
	     X509_set_issuer_name(cert, name) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool add_serial(X509 *cert)
{
	BIGNUM *n = BN_new();
	bool ok = n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		  BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));

	BN_free(n);
	return ok;
}

/* Gives the context a key and a certificate for it, signed by itself. */
static bool make_certificate(SSL_CTX *ssl, const struct addr *address)
{
	EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
	X509 *cert = X509_new();
	bool ok = key && cert && X509_set_version(cert, X509_VERSION_3) == 1 && add_serial(cert) &&
		  X509_gmtime_adj(X509_getm_notBefore(cert), -MADE_DAYS_AGO * DAY) &&
		  X509_gmtime_adj(X509_getm_notAfter(cert), (VALID_DAYS - MADE_DAYS_AGO) * DAY) &&
		  X509_set_pubkey(cert, key) == 1 && add_names(cert, address) &&
		  X509_sign(cert, key, EVP_sha256()) > 0 &&
		  SSL_CTX_use_certificate(ssl, cert) == 1 && SSL_CTX_use_PrivateKey(ssl, key) == 1;

	X509_free(cert);
	EVP_PKEY_free(key);
	return ok;
}

struct secure_context *secure_server(const struct addr *address, struct err *e)
{
	struct secure_context *c = make_context(TLS_server_method(), true);

	if (make_certificate(c->ssl, address))
		return c;
	err_set(e, "cannot make a certificate: %s", ERR_reason_error_string(ERR_get_error()));
	ERR_clear_error();
	secure_context_free(c);
	return NULL;
}

void secure_context_free(struct secure_context *c)
{
	if (c)
		SSL_CTX_free(c->ssl);
	free(c);
}

struct secure *secure_begin(struct secure_context *c, int fd)
{
	struct secure *s = xcalloc(1, sizeof(*s));

	s->ssl = SSL_new(c->ssl);
	BUG_ON(!s->ssl || SSL_set_fd(s->ssl, fd) != 1);
	if (c->server)
		SSL_set_accept_state(s->ssl);
	else
		SSL_set_connect_state(s->ssl);
	s->speaks = !c->server;
	return s;
}

/* Returns what a call of OpenSSL says as recv(2) would: 0 at the end, -1 with errno. */
static ssize_t tell_error(struct secure *s, int rc)
{
	int error = SSL_get_error(s->ssl, rc), number = errno;

	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		errno = EAGAIN;
		return -1;
	}
	s->broken = true;
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	/* The connection ended, with or without an error of its own, or TLS has one. */
	if (error == SSL_ERROR_SYSCALL && !ERR_peek_error() && !number)
		return 0;
	if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		ERR_clear_error();
		return 0;
	}
	ERR_clear_error();
	errno = error == SSL_ERROR_SYSCALL && number ? number : EPROTO;
	return -1;
}

int secure_handshake(struct secure *s)
{
	int rc;
	ssize_t told;

	s->speaks = false;
	ERR_clear_error();
	errno = 0;
	rc = SSL_do_handshake(s->ssl);
	if (rc == 1) {
		s->done = true;
		return 1;
	}
	told = tell_error(s, rc);
	if (told == -1 && errno == EAGAIN)
		return 0;
	if (told == 0)
		errno = 0; /* in good order, but too early */
	return -1;
}

short secure_events(const struct secure *s)
{
	return s->speaks || SSL_want_write(s->ssl) ? POLLOUT : POLLIN;
}

ssize_t secure_recv(struct secure *s, int fd, void *to, size_t room)
{
	int n;

	if (!s)
		return recv(fd, to, room, 0);
	ERR_clear_error();
	errno = 0;
	n = SSL_read(s->ssl, to, room > SECURE_RECORD ? SECURE_RECORD : (int)room);
	return n > 0 ? n : tell_error(s, n);
}

ssize_t secure_send(struct secure *s, int fd, const void *data, size_t len)
{
	int n;

	if (!s)
		return send(fd, data, len, MSG_NOSIGNAL);
	ERR_clear_error();
	errno = 0;
	n = SSL_write(s->ssl, data, len > INT32_MAX ? INT32_MAX : (int)len);
	if (n > 0)
		return n;
	if (tell_error(s, n) == 0)
		errno = EPIPE;
	return -1;
}

ssize_t secure_send_parts(struct secure *s, int fd, const struct iovec parts[2])
{
	size_t first = parts[0].iov_len, room = SECURE_RECORD - first;
	size_t second = parts[1].iov_len < room ? parts[1].iov_len : room;
	struct msghdr m = {.msg_iov = (struct iovec *)parts, .msg_iovlen = 2};
	char record[SECURE_RECORD];

	if (!s)
		return sendmsg(fd, &m, MSG_NOSIGNAL);
	if (!first)
		return secure_send(s, fd, parts[1].iov_base, parts[1].iov_len);
	if (first >= SECURE_RECORD)
		return secure_send(s, fd, parts[0].iov_base, first);
	memcpy(record, parts[0].iov_base, first);
	memcpy(record + first, parts[1].iov_base, second);
	return secure_send(s, fd, record, first + second);
}

void secure_end(struct secure *s)
{
	if (!s)
		return;
	if (s->done && !s->broken)
		(void)SSL_shutdown(s->ssl);
	ERR_clear_error();
	SSL_free(s->ssl);
	free(s);
}

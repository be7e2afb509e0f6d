/* tls_resumption.c - the server is shown its own session when the client shows the one that wedge
 * has paired with it, and what it does with it is done to the client. */
#include "proxy/stream/tls/tls_resumption.h"

#include "proxy/stream/tls/tls_leg.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <string.h>

#define OWN_SESSIONS 1024 /* of TLS 1.2, found by their ids; tickets hold theirs themselves */

/* What OpenSSL's callback for ticket keys may answer, SSL_CTX_set_tlsext_ticket_key_evp_cb(3). */
enum { KEY_FAILED = -1, KEY_NONE = 0, KEY_FITS = 1, KEY_RENEWS = 2 };

void tls_resumption_init(struct tls_resumption *r, struct tls_resume *kept, struct tls_leg *client,
			 struct tls_leg *server)
{
	*r = (struct tls_resumption){.kept = kept, .client = client, .server = server};
	client->resumption = server->resumption = r;
}

void tls_resumption_fini(struct tls_resumption *r)
{
	while (r->waits)
		SSL_SESSION_free(r->waiting[--r->waits]);
}

void tls_resumption_read(struct tls_resumption *r, SSL *client)
{
	if (r->kept)
		tls_resume_read(r->kept, client, &r->shown);
}

void tls_resumption_say(const struct tls_resumption *r, SSL *server)
{
	SSL_SESSION *session;

	if (!r->kept)
		return;
	if (!r->shown.tickets)
		SSL_set_options(server, SSL_OP_NO_TICKET);
	session = r->shown.known ? tls_resume_server(r->kept, r->shown.name) : NULL;
	if (session)
		SSL_set_session(server, session);
	SSL_SESSION_free(session);
	ERR_clear_error();
}

void tls_resumption_answer(const struct tls_resumption *r, SSL *client)
{
	const SSL *server = r->server->ssl;

	if (r->kept && SSL_version(server) != TLS1_3_VERSION &&
	    !SSL_SESSION_has_ticket(SSL_get0_session(server)))
		SSL_set_options(client, SSL_OP_NO_TICKET);
}

static void drop_first(struct tls_resumption *r)
{
	SSL_SESSION_free(r->waiting[0]);
	r->waits--;
	for (size_t i = 0; i < r->waits; i++)
		r->waiting[i] = r->waiting[i + 1];
}

/* Where the server's leg is in clear text wedge's tickets are its own, as many as OpenSSL gives by
 * itself. They come behind the handshake, so that no impairment of it can keep it from ending. */
static void give_own(struct tls_resumption *r)
{
	unsigned tickets = SSL_session_reused(r->client->ssl) ? 1 : 2;

	if (!r->kept || !r->shown.psks || r->given || SSL_version(r->client->ssl) != TLS1_3_VERSION)
		return;
	r->given = true;
	while (tickets-- && SSL_new_session_ticket(r->client->ssl) == 1)
		tls_leg_flush(r->client);
	ERR_clear_error();
}

void tls_resumption_pass(struct tls_resumption *r)
{
	SSL *client = r->client->ssl;

	if (!client || r->client->setup != LEG_SETUP_DONE)
		return;
	if (SSL_get_shutdown(client) & SSL_SENT_SHUTDOWN)
		return; /* nothing comes behind close_notify */
	if (!r->server->ssl) {
		give_own(r);
		return;
	}
	while (r->waits && !r->shown.psks)
		drop_first(r);
	while (r->asked < r->waits && SSL_new_session_ticket(client) == 1)
		r->asked++;
	if (r->asked)
		tls_leg_flush(r->client);
	ERR_clear_error();
}

/* The session of the server that the client's next ticket stands for. */
static SSL_SESSION *find_next(const struct tls_resumption *r)
{
	SSL *server = r->server->ssl;

	if (SSL_version(server) == TLS1_3_VERSION)
		return r->waits ? r->waiting[0] : NULL;
	return SSL_get0_session(server);
}

/* A ticket lives as long as the server's. */
static int generate_cb(SSL *client, void *arg)
{
	const struct tls_leg *l = SSL_get_app_data(client);
	const SSL_SESSION *session = find_next(l->resumption);
	unsigned long hint = session ? SSL_SESSION_get_ticket_lifetime_hint(session) : 0;

	(void)arg;
	if (hint)
		SSL_SESSION_set_timeout(SSL_get_session(client), (long)hint);
	return 1;
}

/* Returns whether the server has answered with another ticket than it was shown (TLS 1.2). */
static bool is_renewed(const struct tls_resumption *r)
{
	const unsigned char *now, *then;
	size_t now_len = 0, then_len = 0;
	SSL_SESSION *shown = tls_resume_server(r->kept, r->shown.name);
	bool renewed = false;

	if (shown && SSL_version(r->server->ssl) != TLS1_3_VERSION) {
		SSL_SESSION_get0_ticket(SSL_get0_session(r->server->ssl), &now, &now_len);
		SSL_SESSION_get0_ticket(shown, &then, &then_len);
		renewed = now_len != then_len || memcmp(now, then, now_len) != 0;
	}
	SSL_SESSION_free(shown);
	return renewed;
}

static int seal_next(struct tls_resumption *r, unsigned char *name, unsigned char *iv,
		     EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	SSL_SESSION *session = find_next(r);

	if (!session)
		return KEY_NONE;
	if (RAND_bytes(name, TLS_RESUME_NAME) != 1 ||
	    !tls_resume_seal(r->kept, iv, cipher, mac, true))
		return KEY_FAILED;
	tls_resume_keep(r->kept, name, session, NULL);
	if (r->asked) {
		r->asked--;
		drop_first(r);
	}
	return KEY_FITS;
}

/* Each ticket has a key's name of its own, by which its pair is found again. */
static int key_cb(SSL *client, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
		  EVP_MAC_CTX *mac, int seals)
{
	const struct tls_leg *l = SSL_get_app_data(client);
	struct tls_resumption *r = l->resumption;

	if (seals)
		return seal_next(r, name, iv, cipher, mac);
	if (!r->shown.known || memcmp(name, r->shown.name, TLS_RESUME_NAME) != 0 ||
	    !SSL_session_reused(r->server->ssl))
		return KEY_NONE;
	if (!tls_resume_seal(r->kept, iv, cipher, mac, false))
		return KEY_FAILED;
	return is_renewed(r) ? KEY_RENEWS : KEY_FITS;
}

/* TLS 1.2: where the server can't resume the session, neither ticket nor id is given. */
static int not_resumable_cb(SSL *client, int forward_secure)
{
	const struct tls_leg *l = SSL_get_app_data(client);

	(void)forward_secure;
	if (SSL_SESSION_is_resumable(SSL_get0_session(l->resumption->server->ssl)))
		return 0;
	/* OpenSSL's answer would be without a ticket, but with the id that it has made. */
	SSL_SESSION_set1_id(SSL_get_session(client), (const unsigned char *)"", 0);
	return 1;
}

/* TLS 1.2: the client has been given a session id. */
static int client_new_cb(SSL *client, SSL_SESSION *session)
{
	const struct tls_leg *l = SSL_get_app_data(client);
	struct tls_resumption *r = l->resumption;
	const unsigned char *id;
	unsigned n;

	id = SSL_SESSION_get_id(session, &n);
	if (SSL_version(client) != TLS1_3_VERSION && n >= TLS_RESUME_NAME)
		tls_resume_keep(r->kept, id, SSL_get0_session(r->server->ssl), session);
	return 0; /* it stays OpenSSL's */
}

/* TLS 1.2: the client has shown a session id. */
static SSL_SESSION *client_get_cb(SSL *client, const unsigned char *id, int n, int *copy)
{
	const struct tls_leg *l = SSL_get_app_data(client);
	const struct tls_resumption *r = l->resumption;

	*copy = 0; /* the reference becomes OpenSSL's */
	if (!r->shown.known || n < TLS_RESUME_NAME ||
	    memcmp(id, r->shown.name, TLS_RESUME_NAME) != 0 || !SSL_session_reused(r->server->ssl))
		return NULL;
	return tls_resume_client(r->kept, id);
}

/* TLS 1.3: a ticket has come. */
static int server_new_cb(SSL *server, SSL_SESSION *session)
{
	const struct tls_leg *l = SSL_get_app_data(server);
	struct tls_resumption *r = l->resumption;

	if (SSL_version(server) != TLS1_3_VERSION || r->waits == TLS_TICKETS_WAITING)
		return 0;
	r->waiting[r->waits++] = session;
	return 1; /* the reference is taken */
}

void tls_resumption_set_own(SSL_CTX *client)
{
	static const unsigned char context[] = "wedge";

	SSL_CTX_clear_options(client, SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_SERVER);
	SSL_CTX_sess_set_cache_size(client, OWN_SESSIONS);
	BUG_ON(SSL_CTX_set_session_id_context(client, context, sizeof(context) - 1) != 1);
}

void tls_resumption_set_callbacks(SSL_CTX *client, SSL_CTX *server)
{
	SSL_CTX_clear_options(client, SSL_OP_NO_TICKET);
	SSL_CTX_clear_options(server, SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_set_session_cache_mode(server, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(server, server_new_cb);
	SSL_CTX_sess_set_new_cb(client, client_new_cb);
	SSL_CTX_sess_set_get_cb(client, client_get_cb);
	SSL_CTX_set_not_resumable_session_callback(client, not_resumable_cb);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(client, key_cb);
	SSL_CTX_set_session_ticket_cb(client, generate_cb, NULL, NULL);
}

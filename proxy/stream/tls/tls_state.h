/* tls_state.h - what one proxy's TLS consists of, counted by references: a changed configuration is
 * for new sessions, and open ones keep theirs. */
#ifndef WEDGE_STREAM_TLS_TLS_STATE_H
#define WEDGE_STREAM_TLS_TLS_STATE_H

#include "proxy/base/dir.h"
#include "proxy/stream/tls/tls_config.h"

#include <openssl/bio.h>

struct line_copies;
struct tls_ca;
struct tls_resume;
struct writer;

struct tls {
	unsigned refs;
	enum tls_mode mode;
	SSL_CTX *ctx[LEG_COUNT];	  /* towards clients, towards servers; NULL: clear text */
	BIO_METHOD *method;		  /* tls_leg_method */
	struct tls_ca *ca;		  /* NULL: ctx has its certificate */
	struct tls_resume *resume;	  /* NULL: nothing is resumed */
	bool verify;			  /* check the server's certificate */
	bool own_ciphers;		  /* the user has named the cipher suites */
	unsigned char alpn[TLS_ALPN_MAX]; /* the user's list, as it is in a hello */
	unsigned alpn_len;		  /* 0: none */
	int keylog;			  /* the file's descriptor; -1: none */
	/* Both are the caller's; NULL: keylog is written to directly, and there are no copies. */
	struct writer *keylog_writer;
	const struct line_copies *copies;
};

/* Takes a reference. */
struct tls *tls_ref(struct tls *tls);
/* Drops a reference; the last one frees. NULL is fine. */
void tls_unref(struct tls *tls);

#endif

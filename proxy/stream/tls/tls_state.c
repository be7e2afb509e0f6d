/* tls_state.c - the references of one proxy's TLS. */
#include "proxy/stream/tls/tls_state.h"

#include "proxy/stream/tls/tls_ca.h"
#include "proxy/stream/tls/tls_resume.h"

#include <openssl/ssl.h>
#include <unistd.h>

struct tls *tls_ref(struct tls *t)
{
	t->refs++;
	return t;
}

void tls_unref(struct tls *t)
{
	if (!t || --t->refs)
		return;
	for (int i = 0; i < LEG_COUNT; i++)
		SSL_CTX_free(t->ctx[i]);
	tls_ca_free(t->ca);
	tls_resume_free(t->resume);
	BIO_meth_free(t->method);
	if (t->keylog != -1)
		close(t->keylog);
	free(t);
}

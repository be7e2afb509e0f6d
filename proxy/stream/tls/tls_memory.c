/* tls_memory.c - three functions in the form that OpenSSL wants. */
#include "proxy/stream/tls/tls_memory.h"

#include "proxy/base/mem.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static void *serve_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return xrealloc(NULL, 1, size);
}

/* OpenSSL leaves freeing by size 0 to this one. */
static void *serve_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (size)
		return xrealloc(p, 1, size);
	free(p);
	return NULL;
}

static void serve_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

void tls_serve_memory(void)
{
	CRYPTO_set_mem_functions(serve_malloc, serve_realloc, serve_free);
}

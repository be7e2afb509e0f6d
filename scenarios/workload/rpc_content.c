/* rpc_content.c - records are drawn from the seed one by one, so that each list is a prefix of the
 * next longer one. */
#include "scenarios/workload/rpc_content.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"

#include <string.h>

#define RECORD_BEGIN "<D:response><D:href>/%08zu</D:href>"

static void add_record(struct records *r)
{
	struct rng rng = rng_make(r->seed, 0, r->n);
	uint64_t size = r->low + rng_below(&rng, r->high - r->low + 1);
	uint64_t at = r->n ? r->end[r->n - 1] : 0;
	size_t tail = strlen(RECORD_END "\n"), head;
	char *record;

	if (r->n == r->room) {
		r->room = r->room ? r->room * 2 : 64;
		r->end = xrealloc(r->end, r->room, sizeof(*r->end));
		r->text = xrealloc(r->text, r->room, r->high);
	}
	record = r->text + at;
	head = (size_t)snprintf(record, size, RECORD_BEGIN, r->n);
	memset(record + head, 'a' + (int)(r->n % 26), size - head - tail);
	memcpy(record + size - tail, RECORD_END "\n", tail);
	r->end[r->n++] = at + size;
}

uint64_t records_make(struct records *r, size_t n)
{
	while (r->n < n)
		add_record(r);
	return n ? r->end[n - 1] : 0;
}

void records_free(struct records *r)
{
	free(r->text);
	free(r->end);
}

void content_digest(EVP_MD_CTX *sha, char *out)
{
	unsigned char sum[EVP_MAX_MD_SIZE], base64[4 * EVP_MAX_MD_SIZE / 3 + 4];
	unsigned len = 0;

	BUG_ON(!EVP_DigestFinal_ex(sha, sum, &len));
	EVP_EncodeBlock(base64, sum, (int)len);
	snprintf(out, HTTP_DIGEST_TEXT, "sha-256=:%.*s:", HTTP_DIGEST_TEXT - 12, (char *)base64);
}

void content_begin(struct content *c)
{
	c->digesting = false;
	c->records = 0;
}

void content_take(struct content *c, const struct http_parser *p, const char *data, size_t len)
{
	for (const char *at = data; (at = memchr(at, '\n', len - (size_t)(at - data))); at++)
		c->records++;
	if (!p->digest[0])
		return;
	if (!c->digesting) {
		if (!c->sha)
			c->sha = EVP_MD_CTX_new();
		BUG_ON(!c->sha || !EVP_DigestInit_ex(c->sha, EVP_sha256(), NULL));
		c->digesting = true;
	}
	BUG_ON(!EVP_DigestUpdate(c->sha, data, len));
}

bool content_altered(struct content *c, const struct http_parser *p)
{
	char found[HTTP_DIGEST_TEXT];

	if (!c->digesting)
		return false;
	content_digest(c->sha, found);
	return strcmp(found, p->digest) != 0;
}

void content_free(struct content *c)
{
	EVP_MD_CTX_free(c->sha);
}

/* rpc_content.c - records, their sizes and their words, are drawn from the seed one by one, chunk
 * by chunk; only the tail is behind each list. */
#include "scenarios/workload/rpc_content.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/workload/words.h"

#include <string.h>

#define RECORD_BEGIN "<D:response><D:href>/%08zu</D:href>"

#define DOCUMENT_BEGIN "<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\">"
#define DOCUMENT_END   "</D:multistatus>"
#define LAST_CHUNK     "0\r\n\r\n"

static void append_text(struct records *r, const char *text, size_t size)
{
	if (r->len + size > r->room) {
		r->room = 2 * (r->len + size);
		r->text = xrealloc(r->text, 1, r->room);
	}
	memcpy(r->text + r->len, text, size);
	r->len += size;
}

/* Appends a part of the body, as a chunk of its own where they are wanted, and notes its place. */
static void add_part(struct records *r, const char *part, size_t size)
{
	char before[32];

	snprintf(before, sizeof(before), "%zx\r\n", size);
	if (r->chunked)
		append_text(r, before, strlen(before));
	if (r->nparts == r->parts_room) {
		r->parts_room = r->parts_room ? r->parts_room * 2 : 64;
		r->parts = xrealloc(r->parts, r->parts_room, sizeof(*r->parts));
	}
	r->parts[r->nparts] = (struct record_part){.at = r->len, .size = size};
	append_text(r, part, size);
	if (r->chunked)
		append_text(r, "\r\n", 2);
	r->parts[r->nparts++].end = r->len;
}

static void add_record(struct records *r)
{
	uint64_t n = r->nparts - r->multistatus;
	struct rng rng = rng_make(r->seed, 0, n);
	size_t size = (size_t)(r->low + rng_below(&rng, r->high - r->low + 1));
	size_t tail = strlen(RECORD_END "\n"), head;
	char *record = xcalloc(1, size);

	head = (size_t)snprintf(record, size, RECORD_BEGIN, (size_t)n);
	words_fill(&rng, record + head, size - head - tail);
	memcpy(record + size - tail, RECORD_END "\n", tail);
	add_part(r, record, size);
	free(record);
}

uint64_t records_make(struct records *r, size_t n)
{
	if (r->multistatus && !r->nparts)
		add_part(r, DOCUMENT_BEGIN, strlen(DOCUMENT_BEGIN));
	while (r->nparts < n + r->multistatus)
		add_record(r);
	return r->parts[n + r->multistatus - 1].end;
}

const char *records_tail(const struct records *r)
{
	static const char *const tails[2][2] = {
	    {"", LAST_CHUNK}, {DOCUMENT_END, "10\r\n" DOCUMENT_END "\r\n" LAST_CHUNK}};

	return tails[r->multistatus][r->chunked];
}

void records_digest(const struct records *r, size_t n, EVP_MD_CTX *sha, char *out)
{
	BUG_ON(!EVP_DigestInit_ex(sha, EVP_sha256(), NULL));
	for (size_t i = 0; i < n + r->multistatus; i++)
		BUG_ON(!EVP_DigestUpdate(sha, r->text + r->parts[i].at, r->parts[i].size));
	if (r->multistatus)
		BUG_ON(!EVP_DigestUpdate(sha, DOCUMENT_END, strlen(DOCUMENT_END)));
	content_digest(sha, out);
}

void records_free(struct records *r)
{
	free(r->text);
	free(r->parts);
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

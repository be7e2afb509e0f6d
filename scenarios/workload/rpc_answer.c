/* rpc_answer.c - a list of records where the request's target asks for one, else the usual
 * response, which is made once. */
#include "scenarios/workload/rpc_answer.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/workload/rpc_content.h"
#include "scenarios/workload/words.h"

#include <string.h>

#define BODY_PERIOD (64u << 10) /* bytes of a body after which its text begins again */

struct rpc_answers {
	struct rpc_response response; /* the usual one */
	char *head, *head_close, *body;
	struct records records; /* what is common to all lists: no record is in it */
	EVP_MD_CTX *sha;	/* NULL: no digests */
};

/* Computes the digest of the usual body: len bytes that repeat every period bytes. */
static const char *body_digest(const struct rpc_answers *a, const char *body, uint64_t len,
			       uint64_t period, char *out)
{
	uint64_t at = 0;

	if (!a->sha)
		return NULL;
	BUG_ON(!EVP_DigestInit_ex(a->sha, EVP_sha256(), NULL));
	while (at < len) {
		uint64_t n = len - at > period ? period : len - at;

		BUG_ON(!EVP_DigestUpdate(a->sha, body, (size_t)n));
		at += n;
	}
	content_digest(a->sha, out);
	return out;
}

/* Writes a header whose ETag is that of what the seed makes. */
static void write_head(char *buf, uint64_t size, uint64_t seed, const struct http_answer *answer)
{
	struct rng etag = rng_make(rng_part_seed(seed, "etag"), 0, answer->length);

	http_response_head(buf, size, &etag, answer);
}

/* Makes the list of n records the peer's answer. A folder, which the target names, has its own
 * records. */
static void answer_list(const struct rpc_answers *a, struct peer *p, size_t n, size_t folder_length)
{
	char *folder = xasprintf("%.*s", (int)folder_length, p->http.target), *text;
	uint64_t head = a->response.head, body, tail;
	struct records list = a->records;
	char digest[HTTP_DIGEST_TEXT];

	list.seed = rng_part_seed(a->records.seed, folder);
	free(folder);
	body = records_make(&list, n);
	tail = strlen(records_tail(&list));
	if (a->sha)
		records_digest(&list, n, a->sha, digest);
	text = xcalloc(1, head + body + tail + 1);
	write_head(text, head, list.seed,
		   &(struct http_answer){.multistatus = list.multistatus,
					 .chunked = list.chunked,
					 .length = body + tail,
					 .close = p->close,
					 .digest = a->sha ? digest : NULL});
	memcpy(text + head, list.text, body);
	memcpy(text + head + body, records_tail(&list), tail);
	records_free(&list);
	peer_answer(p, text, head, head + body + tail, tail);
	p->now.records = p->now.asked = n;
}

void rpc_answers_choose(struct server *s, struct peer *p)
{
	const struct rpc_answers *a = s->mine;
	const char *query = strstr(p->http.target, RECORDS_QUERY);
	unsigned long n = query ? strtoul(query + strlen(RECORDS_QUERY), NULL, 10) : 0;

	if (n && n <= RECORDS_MAX) {
		answer_list(a, p, n, (size_t)(query - p->http.target));
		return;
	}
	peer_repeat(p, &a->response, p->close ? a->head_close : a->head, a->body, BODY_PERIOD);
}

struct rpc_answers *rpc_answers_new(const struct rpc_server_cfg *cfg, uint64_t seed)
{
	struct rpc_answers *a = xcalloc(1, sizeof(*a));
	struct http_answer answer = {.length = 0};
	struct rng words = rng_make(rng_part_seed(seed, "body"), 0, 0);
	char text[HTTP_DIGEST_TEXT];

	BUG_ON(rpc_response_parse(cfg->response, &a->response, NULL));
	BUG_ON(rpc_record_parse(cfg->record, RECORD_MIN, &a->records.low, &a->records.high, NULL));
	a->sha = cfg->digest ? EVP_MD_CTX_new() : NULL;
	a->records.seed = seed;
	a->records.multistatus = cfg->list_status == RPC_LIST_207;
	a->records.chunked = cfg->list_encoding == RPC_LIST_CHUNKED;
	a->body = xcalloc(1, RPC_BODY_SIZE + BODY_PERIOD);
	words_fill(&words, a->body, BODY_PERIOD);
	for (size_t i = BODY_PERIOD; i < RPC_BODY_SIZE + BODY_PERIOD; i++)
		a->body[i] = a->body[i - BODY_PERIOD];
	a->head = xcalloc(1, a->response.head);
	a->head_close = xcalloc(1, a->response.head);
	answer.length = a->response.body;
	answer.digest = body_digest(a, a->body, a->response.body,
				    RPC_BODY_SIZE / BODY_PERIOD * BODY_PERIOD, text);
	write_head(a->head, a->response.head, seed, &answer);
	answer.close = true;
	write_head(a->head_close, a->response.head, seed, &answer);
	return a;
}

void rpc_answers_free(struct rpc_answers *a)
{
	EVP_MD_CTX_free(a->sha);
	free(a->body);
	free(a->head);
	free(a->head_close);
	free(a);
}

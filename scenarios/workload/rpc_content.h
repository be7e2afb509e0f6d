/* rpc_content.h - the bodies of the workload "rpc", and how a client checks that they arrived as
 * they left: lists of records, and the digest of RFC 9530. Private to the rpc files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_CONTENT_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_CONTENT_H

#include "scenarios/workload/http.h"

#include <openssl/evp.h>

#define RECORDS_MAX   10000 /* of one list */
#define RECORD_MIN    64    /* bytes of a record, with its mark-up */
#define RECORD_MAX    (64u << 10)
#define RECORD_END    "</D:response>" /* of each; then a line end */
#define RECORDS_QUERY "?records="     /* in a request's target: how many are wanted */

/* The records of every list: the first n of them are the list of n. Their sizes are drawn from
 * [low, high] by the seed. */
struct records {
	uint64_t seed, low, high;
	char *text;
	uint64_t *end; /* of each record in text */
	size_t n, room;
};

/* Makes the list of n records in r->text; returns its bytes. */
uint64_t records_make(struct records *r, size_t n);
void records_free(struct records *r);

/* Writes "sha-256=:...:" of a body that was handed to sha piece by piece; out has HTTP_DIGEST_TEXT
 * bytes. */
void content_digest(EVP_MD_CTX *sha, char *out);

/* A response's body on its way in: its records are counted and, when its header announced a digest,
 * one is taken. Zero-initialise; content_begin for every response. */
struct content {
	EVP_MD_CTX *sha;
	bool digesting;
	uint64_t records;
};

void content_begin(struct content *c);
void content_take(struct content *c, const struct http_parser *p, const char *data, size_t len);

/* True when the body, now whole, is not the one that its header announced. */
bool content_altered(struct content *c, const struct http_parser *p);
void content_free(struct content *c);

#endif

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

/* Where a record, or the document's beginning, lies in the text. */
struct record_part {
	uint64_t at, size; /* its own bytes */
	uint64_t end;	   /* one past it, with what makes it a chunk */
};

/* The records of a folder: the first n of them, and the tail, are its list of n. Their words are
 * drawn by the seed, and their sizes from [low, high]. Zero-initialise, but for the first two rows.
 */
struct records {
	uint64_t seed, low, high;
	bool multistatus, chunked; /* in a document of their own; each a chunk of its own */
	char *text;
	uint64_t len, room;
	struct record_part *parts;
	size_t nparts, parts_room;
};

/* Makes the list of n > 0 records in r->text; returns its bytes without the tail. */
uint64_t records_make(struct records *r, size_t n);

/* Returns what ends every list: the document's end, the last chunk; "" where there is neither. */
const char *records_tail(const struct records *r);

/* Writes the digest of the list of n records, which was made, without its chunks' framing. out has
 * HTTP_DIGEST_TEXT bytes. */
void records_digest(const struct records *r, size_t n, EVP_MD_CTX *sha, char *out);
void records_free(struct records *r);

/* Writes "sha-256=:...:" of a body that was handed to sha piece by piece; out has HTTP_DIGEST_TEXT
 * bytes. */
void content_digest(EVP_MD_CTX *sha, char *out);

/* A response's body on its way in: when its header announced a digest, one is taken.
 * Zero-initialise; content_begin for every response. */
struct content {
	EVP_MD_CTX *sha;
	bool digesting;
	uint64_t records; /* counted by who reads them */
};

void content_begin(struct content *c);
void content_take(struct content *c, const struct http_parser *p, const char *data, size_t len);

/* True when the body, now whole, is not the one that its header announced. */
bool content_altered(struct content *c, const struct http_parser *p);
void content_free(struct content *c);

#endif

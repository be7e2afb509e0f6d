/* origin_body.c - each line is made from its number, wherever the reader begins. */
#include "scenarios/workload/origin_body.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"

#include <openssl/evp.h>
#include <string.h>

#define LINE	  64
#define DIGITS	  10
#define DRAW	  10 /* characters of one draw */
#define CHARACTER 6  /* bits of a character */

static void write_line(uint64_t seed, uint64_t number, char *out)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct rng rng = rng_make(seed, 0, number);
	uint64_t draw = 0, rest = number;

	for (int i = DIGITS - 1; i >= 0; i--, rest /= 10)
		out[i] = (char)('0' + rest % 10);
	out[DIGITS] = ' ';
	for (int i = 0; i < LINE - DIGITS - 2; i++) {
		draw = i % DRAW ? draw >> CHARACTER : rng_next(&rng);
		out[DIGITS + 1 + i] = letters[draw & ((1u << CHARACTER) - 1)];
	}
	out[LINE - 1] = '\n';
}

void origin_body(uint64_t seed, uint64_t at, char *out, size_t len)
{
	while (len) {
		char line[LINE];
		size_t skip = at % LINE, n = LINE - skip < len ? LINE - skip : len;

		write_line(seed, at / LINE, line);
		memcpy(out, line + skip, n);
		out += n;
		at += n;
		len -= n;
	}
}

void origin_body_sha256(uint64_t seed, uint64_t size, unsigned char out[ORIGIN_SHA256])
{
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	char piece[256 * LINE];

	BUG_ON(!sha || !EVP_DigestInit_ex(sha, EVP_sha256(), NULL));
	for (uint64_t at = 0; at < size; at += sizeof(piece)) {
		size_t n = size - at < sizeof(piece) ? (size_t)(size - at) : sizeof(piece);

		origin_body(seed, at, piece, n);
		BUG_ON(!EVP_DigestUpdate(sha, piece, n));
	}
	BUG_ON(!EVP_DigestFinal_ex(sha, out, NULL));
	EVP_MD_CTX_free(sha);
}

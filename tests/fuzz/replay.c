/* replay.c - a fuzz target as an ordinary test: the files named as arguments, then what a seeded
 * mutation makes of them. Short, repeatable; the real search is the fuzz preset. */
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"

#include <string.h>

#ifndef ROUNDS
#define ROUNDS 3000
#endif

/* Mutations of each file. Without a sanitizer a byte too far is silent, and only aborts and loops
 * are seen: a few will do. */
#ifdef __SANITIZE_ADDRESS__
enum { MUTATIONS = ROUNDS };
#else
enum { MUTATIONS = ROUNDS / 30 };
#endif

/* A seed of this size, in bytes, gets all of them, and a larger one fewer, so that each costs about
 * the same. */
enum { SMALL = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = xcalloc(1, 1 << 16);

	if (!f) {
		perror(path);
		exit(1);
	}
	*size = fread(data, 1, 1 << 16, f);
	fclose(f);
	return data;
}

/* Flips, overwrites, cuts or repeats: one to four small harms. */
static size_t harm(uint8_t *data, size_t size, struct rng *r)
{
	for (uint64_t n = 1 + rng_below(r, 4); n && size; n--) {
		size_t at = rng_below(r, size);

		switch (rng_below(r, 4)) {
		case 0:
			data[at] ^= (uint8_t)(1u << rng_below(r, 8));
			break;
		case 1:
			data[at] = (uint8_t)rng_below(r, 256);
			break;
		case 2:
			size = at;
			break;
		default:
			memmove(data + at, data, size - at);
		}
	}
	return size;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct rng r = rng_make(1, (uint64_t)i, 0);
		size_t size;
		uint8_t *data = read_file(argv[i], &size);
		size_t rounds = size > SMALL ? MUTATIONS * SMALL / size + 1 : MUTATIONS;

		LLVMFuzzerTestOneInput(data, size);
		for (size_t k = 0; k < rounds; k++) {
			/* Exactly as large as it says, so that a sanitizer sees a byte too far. */
			uint8_t *copy = xcalloc(1, size);

			memcpy(copy, data, size);
			LLVMFuzzerTestOneInput(copy, harm(copy, size, &r));
			free(copy);
		}
		free(data);
	}
	printf("%d seeds, up to %d mutations of each\n", argc - 1, MUTATIONS);
	return 0;
}

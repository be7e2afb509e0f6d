/* seal.h - the right answer of a blind folder, which can be compared with a guess and not be read:
 * a salted hash of many rounds, over the answer and over what the folder's files are. */
#ifndef WEDGE_SCENARIOS_BLIND_SEAL_H
#define WEDGE_SCENARIOS_BLIND_SEAL_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define SEAL_FILE "sealed.json"

struct seal;

/* Seals these files of a folder, with the answer, in SEAL_FILE. -1 with *e. */
int seal_write(const char *folder, const char *const *files, size_t n, const char *answer,
	       struct err *e) WG_MUSTUSE;

/* Reads the seal and proves that these files are what was sealed; others may lie beside them. NULL
 * with *e, which names the first that isn't, or says that the folder has no seal. */
struct seal *seal_open(const char *folder, const char *const *files, size_t n,
		       struct err *e) WG_MUSTUSE;
void seal_free(struct seal *s); /* NULL is fine */

/* Returns whether that is the answer; takes a tenth of a second or so. */
bool seal_fits(const struct seal *s, const char *answer);

#endif

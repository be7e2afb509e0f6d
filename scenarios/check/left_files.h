/* left_files.h - the files that a command has left in the folder that it ran in. */
#ifndef WEDGE_SCENARIOS_CHECK_LEFT_FILES_H
#define WEDGE_SCENARIOS_CHECK_LEFT_FILES_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct left_file {
	char *name; /* below the folder; what is no UTF-8 in it is escaped */
	uint64_t size;
	char *sha; /* SHA-256, hexadecimal; NULL: it can't be read */
};

struct left_files {
	struct left_file *v;
	size_t n;
};

#define LEFT_FILES_MAX 1000 /* of one folder, and its folders */

/* Lists the ordinary files of the folder and of those below it. -1 with *e: it can't be read. */
int left_files_list(const char *folder, struct left_files *l, struct err *e) WG_MUSTUSE;
void left_files_fini(struct left_files *l);

/* Takes those out of l that other hasn't the same, byte for byte. */
void left_files_keep_same(struct left_files *l, const struct left_files *other);

/* Returns whether every file of wanted is in got, the same byte for byte. */
bool left_files_have_all(const struct left_files *got, const struct left_files *wanted);

/* Says how the first file of wanted differs in got: "x has 3 bytes instead of 8"; the caller frees.
 * NULL: none does. */
char *left_files_differ(const struct left_files *got, const struct left_files *wanted);

/* Returns the first file of got that has a name of wanted's and is another one: left half done
 * under its final name. NULL: there is none. */
const struct left_file *left_files_find_partial(const struct left_files *got,
						const struct left_files *wanted);

#endif

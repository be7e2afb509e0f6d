/* file_hash.h - ordinary files of a folder that nobody is trusted with: opened below its descriptor
 * and never through links, and their SHA-256. */
#ifndef WEDGE_SCENARIOS_RUN_FILE_HASH_H
#define WEDGE_SCENARIOS_RUN_FILE_HASH_H

#include "proxy/base/err.h"

#include <sys/stat.h>

#define FILE_HASH_TEXT (2 * 32 + 1) /* of SHA-256, in hexadecimal, with its NUL */

/* Opens it for reading; the descriptor is the caller's. -1 with *e, which names the file. */
int file_open_ordinary(int folder, const char *name, struct stat *st, struct err *e) WG_MUSTUSE;

int file_hash(int folder, const char *name, char text[FILE_HASH_TEXT], struct err *e) WG_MUSTUSE;

/* Writes n bytes in hexadecimal; text has room for 2 * n + 1. */
void file_hash_hex(const unsigned char *bytes, size_t n, char *text);

#endif

/* own_file.h - the rule for files that exist where wedge is to write: it appends only to what
 * begins as its own files do, replaces only the user's own that does, and keeps secrets where
 * nobody else can read or change them. Knows no format: whoever writes one says how to tell it. */
#ifndef WEDGE_BASE_OWN_FILE_H
#define WEDGE_BASE_OWN_FILE_H

#include "proxy/base/err.h"

#include <stdbool.h>

/* A kind of file that wedge writes. */
struct own_kind {
	const char *what; /* for messages: "a journal" */
	/* Whether a file of this kind that wedge wrote may begin so; len is at least 1. */
	bool (*begins)(const char *start, size_t len);
	/* Of a kind that its user may edit: whether the open file is still as wedge wrote it. NULL:
	 * its beginning tells enough. */
	bool (*is_unchanged)(int fd);
};

/* Whether wedge may append to path: nothing is there, or an empty file, or one of that kind, or
 * what is no ordinary file (a pipe, a device). -1 with *e. */
int own_file_check_append(const char *path, const struct own_kind *kind, struct err *e) WG_MUSTUSE;

/* Whether path may be replaced by another file: nothing is there, or an ordinary file, no link,
 * that is the user's own and empty or of that kind, unchanged. -1 with *e. */
int own_file_check_replace(const char *path, const struct own_kind *kind, struct err *e) WG_MUSTUSE;

/* Gives a finished file its name. Where own_file_check_replace() refuses what has it, both stay as
 * they are: -1 with *e. */
int own_file_replace(const char *finished, const char *path, const struct own_kind *kind,
		     struct err *e) WG_MUSTUSE;

/* Gives a file that isn't secret the mode that open() would give it, by the umask. */
void own_file_set_mode(int fd);

/* Whether two names, of which "-" is standard input's, are those of one file. */
bool own_file_is_same(const char *a, const char *b);

/* Opens a file that holds secrets, relative to folder (AT_FDCWD) and with flags as open() has them;
 * a new one gets mode 0600 whatever the umask. One that exists must be an ordinary file, no link,
 * with one name, the user's own, and closed to everybody else. The descriptor, or -1 with *e. */
int own_file_open_secret(int folder, const char *path, int flags, struct err *e) WG_MUSTUSE;

#endif

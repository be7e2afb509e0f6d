/* whole_file.h - a small file of wedge's that gets its name when it is whole: an end of the program
 * at any instant leaves the old one, or the new one. */
#ifndef WEDGE_SCENARIOS_BASE_WHOLE_FILE_H
#define WEDGE_SCENARIOS_BASE_WHOLE_FILE_H

#include "proxy/base/own_file.h"

#include <stdio.h>

/* Gives path that content, with the mode that the umask says, or leaves what is there: only what
 * own_file_check_replace() allows for the kind is replaced. -1 with *e. */
int whole_file_write(const char *path, const char *content, size_t len, const struct own_kind *kind,
		     struct err *e) WG_MUSTUSE;

/* The same with what write puts into out. */
int whole_file_print(const char *path, void (*write)(const void *arg, FILE *out), const void *arg,
		     const struct own_kind *kind, struct err *e) WG_MUSTUSE;

/* Whether that can be done, as far as it can be known before: the folder takes files, and what is
 * there may be replaced. -1 with *e; nothing is left. */
int whole_file_check(const char *path, const struct own_kind *kind, struct err *e) WG_MUSTUSE;

#endif

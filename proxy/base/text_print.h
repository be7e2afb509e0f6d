/* text_print.h - text of unknown origin on its way to people: what could drive a terminal, reorder
 * a line or end it is written as an escape. The last step in front of every stream, and of a text
 * that must be one line.
 *
 * Escaped are C0 and C1 controls, DEL, and what reorders or breaks lines (bidirectional controls,
 * U+2028, U+2029), as \u001b, which means the same in JSON; bytes that aren't UTF-8 as \x9b. */
#ifndef WEDGE_BASE_TEXT_PRINT_H
#define WEDGE_BASE_TEXT_PRINT_H

#include "proxy/base/attrs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* A stream's state between two pieces: the begin of a character that came in two. Starts zeroed. */
struct text_print {
	unsigned char part[4];
	size_t n;
};

/* Whether a piece can be written as it is, with nothing held from the one before. */
bool text_print_is_clean(const struct text_print *p, const char *data, size_t len);

/* Escapes a piece; newlines stay. Returns a copy to be freed, with its length in *out_len. */
char *text_print_piece(struct text_print *p, const char *data, size_t len, size_t *out_len);

/* Returns a copy in one line to be freed: newlines and tabs become \n and \t. NULL for NULL. */
char *text_print_line(const char *text);

/* Makes text, which has room bytes, one line in place, cut where it becomes too long. */
void text_print_line_in_place(char *text, size_t room);

/* Returns a stream that writes to another one, escaped, and closes it with itself; NULL for NULL.
 */
FILE *text_print_stream(FILE *to);

#endif

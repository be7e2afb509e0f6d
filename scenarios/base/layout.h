/* layout.h - lines for people: widths, padding, wrapping, and texts of unknown origin made clean.
 */
#ifndef WEDGE_SCENARIOS_BASE_LAYOUT_H
#define WEDGE_SCENARIOS_BASE_LAYOUT_H

#include "proxy/base/attrs.h"

#include <stdbool.h>

#define LAYOUT_COLUMNS 100

/* Returns characters, not bytes. */
size_t layout_width(const char *text);

/* Writes text padded with blanks to width characters, on the right or (right true) on the left. */
void layout_pad(FILE *out, const char *text, size_t width, bool right);

/* Writes first, then text, broken at blanks so that no line is longer than LAYOUT_COLUMNS; the
 * lines after the first begin with indent blanks. A word that is longer than a line is broken
 * behind commas, if it has any. */
void layout_wrap(FILE *out, const char *first, size_t indent, const char *text);

/* Returns a copy that is valid UTF-8, without control characters other than tab and newline and
 * without what reorders lines: the rest is escaped (text_print.h). NULL for NULL. The caller frees.
 */
char *layout_clean(const char *text);

/* The same, but control characters stay: for what can escape them. */
char *layout_utf8(const char *text);

#endif

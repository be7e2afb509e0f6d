/* text_escape.h - texts with bytes that can't be typed: \r \n \t \0 \\ and \xHH. */
#ifndef WEDGE_BASE_TEXT_ESCAPE_H
#define WEDGE_BASE_TEXT_ESCAPE_H

#include "proxy/base/err.h"

/* Checks the escapes of a text; the check of a parameter's row (param.h). */
int text_escape_check(const char *text, struct err *e) WG_MUSTUSE;

/* Writes the bytes that a checked text means; out has room for strlen(text). Returns their number.
 */
size_t text_escape_decode(const char *text, unsigned char *out);

#endif

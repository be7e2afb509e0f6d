/* text_escape.h - texts with bytes that can't be typed: \r \n \t \0 \\ and \xHH. */
#ifndef WEDGE_BASE_TEXT_ESCAPE_H
#define WEDGE_BASE_TEXT_ESCAPE_H

#include "proxy/base/err.h"

/* Checks a text, for a parameter row. */
int text_escape_check(const char *text, struct err *e) WG_MUSTUSE;

/* The bytes that a checked text means; out has room for strlen(text). Returns how many. */
size_t text_escape_decode(const char *text, unsigned char *out);

#endif

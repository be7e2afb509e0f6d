/* framing_delimiter.h - messages that end with certain bytes: a line feed, or a delimiter. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_DELIMITER_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_DELIMITER_H

#include "impairments/trigger/framing_reader.h"
#include "proxy/base/err.h"

struct framing_delimiter {
	const struct framing_config *config;
	unsigned matched; /* bytes of the delimiter */
};

extern const struct framing_reader framing_line_reader; /* without a state */
extern const struct framing_reader framing_delimiter_reader;

/* text with \n \r \t \0 \\ \xNN escapes becomes the delimiter. */
int framing_set_delimiter(struct framing_config *c, const char *text, struct err *e) WG_MUSTUSE;

#endif

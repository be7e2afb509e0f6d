/* framing_delimiter.h - the readers of messages that end with a line feed or with a given
 * delimiter.
 */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_DELIMITER_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_DELIMITER_H

#include "impairments/trigger/framing_reader.h"
#include "proxy/base/err.h"

struct framing_delimiter {
	const struct framing_config *config;
	unsigned matched; /* bytes of the delimiter */
};

extern const struct framing_reader framing_line_reader; /* needs no state */
extern const struct framing_reader framing_delimiter_reader;

/* Makes text, with its escapes \n \r \t \0 \\ \xNN, the delimiter. -1: text is empty, too long or
 * has a wrong escape. */
int framing_set_delimiter(struct framing_config *c, const char *text, struct err *e) WG_MUSTUSE;

#endif

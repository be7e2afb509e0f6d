/* breaks_off.h - the words for a file that ends too early. Knows no format. */
#ifndef WEDGE_SCENARIOS_READER_BREAKS_OFF_H
#define WEDGE_SCENARIOS_READER_BREAKS_OFF_H

#include "scenarios/reader/byte_source.h"

/* Sets *e for a source that ends inside of what (a record, a block), which begins at that offset:
 * by its own fault, if it has one, else because the file breaks off. Returns -1. */
int err_breaks_off(struct err *e, const struct byte_source *s, const char *what, uint64_t offset);

#endif

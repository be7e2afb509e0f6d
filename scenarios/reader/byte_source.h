/* byte_source.h - the bytes of a file, one after the other and in bounded memory: an ordinary file,
 * a pipe, standard input; packed by gzip or not. Knows no format of captures. */
#ifndef WEDGE_SCENARIOS_READER_BYTE_SOURCE_H
#define WEDGE_SCENARIOS_READER_BYTE_SOURCE_H

#include "proxy/base/err.h"

#include <stdbool.h>

struct byte_source;

/* Opens path, "-" for standard input, and waits for its first bytes; byte_source_close frees *out.
 * Standard input that is an ordinary file can be opened again, and begins where it began.
 * -1 with *e when it can't be opened or read, is empty, or is packed by something else than gzip.
 */
int byte_source_open(const char *path, struct byte_source **out, struct err *e) WG_MUSTUSE;
void byte_source_close(struct byte_source *s);

/* Looks n bytes ahead, which is what memory the source takes at most: *at is valid until the next
 * call. Returns how many bytes there are, fewer than n only at the end. */
size_t byte_source_peek(struct byte_source *s, size_t n, const uint8_t **at);

/* Goes on by n bytes. false: the end comes before. */
bool byte_source_skip(struct byte_source *s, uint64_t n);

/* Returns how many bytes have been gone on by, of a packed file those that were in it. */
uint64_t byte_source_offset(const struct byte_source *s);

/* Returns why the end came early: an error of read(), a packed file that breaks off or is damaged;
 * NULL: the end, if reached, is the end. */
const char *byte_source_fault(const struct byte_source *s);

/* Bytes of the file that were read, and how many it has; *size is 0 where that can't be known. */
void byte_source_progress(const struct byte_source *s, uint64_t *done, uint64_t *size);

#endif

/* gzip_stream.h - unpacks gzip (RFC 1952), several members behind each other too, in bounded memory
 * whatever they unpack to. Knows no files: its bytes come through a function. */
#ifndef WEDGE_SCENARIOS_READER_GZIP_STREAM_H
#define WEDGE_SCENARIOS_READER_GZIP_STREAM_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <sys/types.h>

#define GZIP_MAGIC_BYTES 3

struct gzip_stream;

/* Whether GZIP_MAGIC_BYTES bytes are how gzip begins. */
bool gzip_stream_begins(const uint8_t *start);

/* Unpacks first (n bytes, copied) and then what read gives: the number of bytes, 0 at the end, -1
 * for an error that the owner has told. gzip_stream_free frees the stream. */
struct gzip_stream *gzip_stream_new(const uint8_t *first, size_t n,
				    ssize_t (*read)(void *arg, uint8_t *to, size_t room),
				    void *arg) WG_MUSTUSE;
void gzip_stream_free(struct gzip_stream *g);

/* Gives up to room unpacked bytes: how many, 0 at the end; -1 with *e when the packed bytes break
 * off or are damaged. *e stays as it is when read failed. */
ssize_t gzip_stream_read(struct gzip_stream *g, uint8_t *to, size_t room, struct err *e);

#endif

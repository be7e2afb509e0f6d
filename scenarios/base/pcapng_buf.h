/* pcapng_buf.h - a growing buffer, and the pieces of which pcapng blocks are made in it. Knows no
 * kind of block. */
#ifndef WEDGE_SCENARIOS_BASE_PCAPNG_BUF_H
#define WEDGE_SCENARIOS_BASE_PCAPNG_BUF_H

#include "proxy/base/attrs.h"

#include <stdbool.h>

/* Zero-initialise to start; free(buf.data) to end. */
struct pcapng_buf {
	uint8_t *data;
	size_t len, room;
	bool swapped; /* numbers are put in the other byte order than this machine's */
};

/* Appends bytes as they are. Out of memory ends the program. */
void pcapng_put(struct pcapng_buf *b, const void *data, size_t len);
void pcapng_put16(struct pcapng_buf *b, uint16_t v); /* as all numbers in the buffer's byte order */
void pcapng_put32(struct pcapng_buf *b, uint32_t v);

void pcapng_put_padded(struct pcapng_buf *b, const void *data, size_t len); /* to 32 bits */

/* Appends an option, padded to 32 bits. A text that is NULL or empty makes none. */
void pcapng_put_option(struct pcapng_buf *b, uint16_t code, const void *data, size_t len);
void pcapng_put_text(struct pcapng_buf *b, uint16_t code, const char *text);

/* Begins a block and returns where; pcapng_end writes its total length before and behind the body.
 */
size_t pcapng_begin(struct pcapng_buf *b, uint32_t type);
void pcapng_end(struct pcapng_buf *b, size_t start);

#endif

/* le_buf.h - a growing buffer for messages of protocols whose numbers are little endian. Knows none
 * of them; byteorder.h reads the numbers. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_LE_BUF_H
#define WEDGE_SCENARIOS_WORKLOAD_LE_BUF_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialise to start; free(buf.v) to end. */
struct le_buf {
	uint8_t *v;
	size_t len, room;
};

/* Append a number of so many bits. Out of memory ends the program, here as below. */
void le_put8(struct le_buf *o, unsigned value);
void le_put16(struct le_buf *o, unsigned value);
void le_put32(struct le_buf *o, uint32_t value);
void le_put64(struct le_buf *o, uint64_t value);

/* Append bytes as they are; zeros; a text of ASCII as UTF-16, without an end. */
void le_put(struct le_buf *o, const void *data, size_t len);
void le_put_zeros(struct le_buf *o, size_t len);
void le_put_utf16(struct le_buf *o, const char *text);

#endif

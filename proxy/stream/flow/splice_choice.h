/* splice_choice.h - whether the next bytes of a flow are worth a pipe: large pieces are moved by
 * splice(2), small ones are cheaper to copy. Pure: decides by the sizes of what has been read. */
#ifndef WEDGE_STREAM_FLOW_SPLICE_CHOICE_H
#define WEDGE_STREAM_FLOW_SPLICE_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

/* A pipe costs two system calls where a copy costs one, and some 0.1 us a KiB less. */
#define SPLICE_LARGE (16u << 10) /* bytes: pieces of at least this size are better spliced */
#define SPLICE_SMALL (4u << 10)	 /* and of less than this copied; between them nothing changes */
#define SPLICE_AFTER 2		 /* so many large pieces in a row show what the flow is */

/* Embedded, zeroed: the first bytes are copied. */
struct splice_choice {
	unsigned char row; /* pieces in a row that speak for the other way */
	bool on;	   /* the next bytes are to be spliced */
};

/* A read has found so many bytes, in the way that was chosen. */
void splice_choice_note(struct splice_choice *c, size_t bytes);

/* There is no pipe to be had, or the socket can't be spliced: it begins anew. */
void splice_choice_reset(struct splice_choice *c);

#endif

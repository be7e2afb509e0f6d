/* capture_output.h - a capture that is being written: it has no name until it is whole, so that an
 * end of the program at any instant leaves nothing behind. */
#ifndef WEDGE_SCENARIOS_BASE_CAPTURE_OUTPUT_H
#define WEDGE_SCENARIOS_BASE_CAPTURE_OUTPUT_H

#include "proxy/base/own_file.h"
#include "scenarios/base/pcapng_buf.h"

extern const struct own_kind capture_kind; /* what a capture may replace */

struct capture_output {
	const char *path; /* the caller's */
	const struct own_kind *kind;
	int fd;
	bool secret;  /* for its owner alone; to be set before the end */
	int failed;   /* errno of the first write that failed; 0: none did */
	char *beside; /* its temporary name, where the file system takes no file without one */
	struct pcapng_buf buf; /* what is to be written: blocks are put here */
};

/* kind: what it may replace; whether it does is known only at the end. -1 with *e: the folder takes
 * no file. */
int capture_output_open(struct capture_output *o, const char *path, const struct own_kind *kind,
			struct err *e) WG_MUSTUSE;

/* Writes what is in the buffer, if it is at least so much. */
void capture_output_flush(struct capture_output *o, size_t at_least);

/* Gives the file its name, and what has it is replaced as own_file_replace() allows; else the file
 * keeps a temporary name, which *e tells. Frees *o. */
int capture_output_finish(struct capture_output *o, struct err *e) WG_MUSTUSE;

/* Leaves nothing of it, and frees *o. */
void capture_output_abandon(struct capture_output *o);

#endif

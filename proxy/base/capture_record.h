/* capture_record.h - a capture with the writers that feed it journal and secrets, and the lines
 * about it. Knows no packets. */
#ifndef WEDGE_BASE_CAPTURE_RECORD_H
#define WEDGE_BASE_CAPTURE_RECORD_H

#include "proxy/base/capture.h"
#include "proxy/base/writer.h"

#include <stdbool.h>

struct capture_record {
	const struct capture_ops *ops;
	struct capture *capture;
	struct writer *journal, *secrets; /* the capture's copy of the journal, its key log */
	bool failed;			  /* it has captured no more, and that has been told */
};

/* Opens a capture into path. ops NULL: refused, since this wedge has none. NULL with *e. */
struct capture_record *capture_record_new(const struct capture_ops *ops, const char *path,
					  struct err *e) WG_MUSTUSE;

/* Begins to capture (capture.h, start); what it lacks is told in a line on stderr. */
int capture_record_start(struct capture_record *r, const struct capture_apart *apart,
			 struct err *e) WG_MUSTUSE;

/* The two parts of it for whoever can't wait: the first one takes what a fork costs, the second one
 * waits in any thread. */
int capture_record_begin(struct capture_record *r, const struct capture_apart *apart,
			 struct err *e) WG_MUSTUSE;
int capture_record_await(struct capture_record *r, struct err *e) WG_MUSTUSE;

/* To be called when the capture's news are readable. true with *e, once: it captures no more. */
bool capture_record_fails(struct capture_record *r, struct err *e);

/* Ends the capture, when nothing is put to its writers any more, and frees r. keep: the file is
 * written, and a line on stderr says so; else it is discarded. -1 with *e when the file, or a part
 * of it, couldn't be written. NULL is fine. */
int capture_record_end(struct capture_record *r, bool keep, struct err *e);

/* Does the same, in any thread, without a line on stderr: *told is the line, which the caller
 * frees, or NULL. */
int capture_record_finish(struct capture_record *r, bool keep, char **told, struct err *e);

#endif

/* journal_writer.h - a writer whose output is a journal's file, pipe or device. */
#ifndef WEDGE_BASE_JOURNAL_WRITER_H
#define WEDGE_BASE_JOURNAL_WRITER_H

#include "proxy/base/err.h"

struct journal_writer;

/* Opens path for appending, made with mode 0644, and starts its writer: nobody waits for what path
 * is, not even for the reader of a FIFO. NULL with *e. */
struct journal_writer *journal_writer_new(const char *path, struct err *e) WG_MUSTUSE;

struct writer *journal_writer(struct journal_writer *jw);

/* Ends it as writer_end. 0; -1 with *e when the journal lacks lines. NULL is fine. */
int journal_writer_end(struct journal_writer *jw, struct err *e);

#endif

/* commented_copy.h - a capture of any origin in, the same capture as pcapng with comments out:
 * packets, time stamps, interfaces and all else that it holds stay as they are. Streams: a file of
 * any size takes the memory of one block. */
#ifndef WEDGE_SCENARIOS_PROOF_COMMENTS_COMMENTED_COPY_H
#define WEDGE_SCENARIOS_PROOF_COMMENTS_COMMENTED_COPY_H

#include "proxy/base/err.h"
#include "scenarios/base/comments.h"

/* What tells such a copy from other captures: the file's own comment has it. */
#define COMMENTED_COPY_MARK "as wedge analyze found"

/* Whether the copy may be written: not over the capture itself (from "-": standard input), nor over
 * what isn't such a copy, in a folder that takes it. -1 with *e. */
int commented_copy_check(const char *from, const char *to, struct err *e) WG_MUSTUSE;

/* Writes the copy, whole or not at all. comments: sorted, by frame from 1 as the reader counts.
 * section: comment of the file, with COMMENTED_COPY_MARK in it. A capture that breaks off is copied
 * as far as it goes. *unplaced: frames whose comment the format has no place for (Simple Packet
 * Blocks). A file with secrets in it stays its owner's. -1 with *e. */
int commented_copy_write(const char *from, const char *to, const struct comments *comments,
			 const char *section, uint64_t *unplaced, struct err *e) WG_MUSTUSE;

#endif

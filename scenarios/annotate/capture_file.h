/* capture_file.h - raw captures in, one capture with comments and secrets out; packets and time
 * stamps stay as they are. Knows no journal. */
#ifndef WEDGE_SCENARIOS_ANNOTATE_CAPTURE_FILE_H
#define WEDGE_SCENARIOS_ANNOTATE_CAPTURE_FILE_H

#include "proxy/base/err.h"
#include "scenarios/base/comments.h"
#include "scenarios/base/mapped.h"

struct capture_source {
	struct mapped raw;
	const struct comments *comments; /* sorted; frames counted from 0 */
};

/* Writes path anew, whole or not at all: of one source every block in its order; of several first
 * all interfaces, in the order of the sources, then their packets by time. section: comment of the
 * section. keylog: TLS secrets, put before the first packet; len 0: none. With secrets the file is
 * for its owner alone. What has the name is replaced as own_file_replace() allows; else the file
 * that is finished keeps its temporary name, which *e tells. */
int capture_file_write(const char *path, const struct capture_source *sources, size_t n,
		       const char *section, const struct mapped *keylog, struct err *e) WG_MUSTUSE;

#endif

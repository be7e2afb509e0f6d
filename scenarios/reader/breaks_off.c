/* breaks_off.c - one sentence for all formats. */
#include "scenarios/reader/breaks_off.h"

#include <inttypes.h>

int err_breaks_off(struct err *e, const struct byte_source *s, const char *what, uint64_t offset)
{
	if (byte_source_fault(s))
		return err_set(e, "%s, in %s that begins at offset %" PRIu64 " of what it holds",
			       byte_source_fault(s), what, offset);
	return err_set(e, "the file breaks off in %s that begins at offset %" PRIu64, what, offset);
}

/* fit_file.c - the text is made in memory, with its check sum as its last line. */
#include "scenarios/fit/fit_file.h"

#include "proxy/base/hash.h"
#include "proxy/base/mem.h"
#include "proxy/base/own_file.h"
#include "scenarios/base/whole_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK	 "# Made by wedge analyze --fit"
#define SUM	 "# Check sum of the lines above, without which wedge replaces no such file: "
#define SUM_LINE (sizeof(SUM) + 16) /* with its digits and its end */
#define FILE_MAX (16 << 20)	    /* a scenario is some kilobytes */

static bool begins_fitted(const char *start, size_t len)
{
	size_t n = strlen(MARK);

	return len >= n && !memcmp(start, MARK, n);
}

/* Writes the last line of a text. */
static void write_sum(const char *text, size_t len, char line[SUM_LINE + 1])
{
	snprintf(line, SUM_LINE + 1, "%s%016" PRIx64 "\n", SUM, hash_bytes(HASH_BEGIN, text, len));
}

/* Whether the file ends with the check sum of all that is before it. */
static bool has_its_sum(int fd)
{
	char line[SUM_LINE + 1], *text;
	struct stat st;
	bool same;
	size_t len;

	if (fstat(fd, &st) == -1 || st.st_size < (off_t)SUM_LINE || st.st_size > FILE_MAX)
		return false;
	len = (size_t)st.st_size;
	text = xcalloc(1, len);
	same = pread(fd, text, len, 0) == (ssize_t)len;
	if (same) {
		write_sum(text, len - SUM_LINE, line);
		same = !memcmp(text + len - SUM_LINE, line, SUM_LINE);
	}
	free(text);
	return same;
}

static const struct own_kind kind = {
    .what = "a fitted scenario",
    .begins = begins_fitted,
    .is_unchanged = has_its_sum,
};

int fit_file_check(const char *path, struct err *e)
{
	return whole_file_check(path, &kind, e);
}

int fit_file_write(const char *path, const char *capture, const struct diagnosis *d,
		   struct fit_outcome *outcome, struct err *e)
{
	const struct service *service = fit_choose_service(d);
	struct shape shape;
	char *text = NULL, line[SUM_LINE + 1];
	size_t len = 0;
	FILE *out;
	int rc;

	if (!service)
		return err_set(e, "%s has no TCP connection to make a scenario of", capture);
	if (shape_read(capture, d->stream.leg, &service->server, &shape, e))
		return -1;
	out = xopen_memstream(&text, &len);
	*outcome = fit_write(d, service, &shape, capture, out);
	BUG_ON(fflush(out));
	write_sum(text, len, line);
	fputs(line, out);
	xclose_memstream(out);
	rc = whole_file_write(path, text, len, &kind, e);
	free(text);
	shape_fini(&shape);
	return rc;
}

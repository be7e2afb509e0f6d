/* reread.c - a pipe's bytes, packed or not, go to a file as they are. */
#include "scenarios/cli/reread.h"

#include "proxy/base/mem.h"
#include "scenarios/base/unnamed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10) /* what a pipe holds */

static bool write_all(int fd, const uint8_t *at, size_t n)
{
	while (n) {
		ssize_t done = write(fd, at, n);

		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

static int copy_bytes(int from, int to, struct err *e)
{
	uint8_t *piece = xcalloc(1, PIECE);
	ssize_t got;
	int rc = 0;

	do {
		got = read(from, piece, PIECE);
		if (got == -1 && errno != EINTR)
			rc = err_errno(e, "it can't be read");
		else if (got > 0 && !write_all(to, piece, (size_t)got))
			rc = err_errno(e, "no copy can be kept, to read it twice");
	} while (rc == 0 && got != 0);
	free(piece);
	return rc;
}

/* Makes a copy of the open pipe standard input. */
static int copy_pipe(int from, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *beside = xasprintf("%s/capture", tmp && *tmp ? tmp : "/tmp");
	int to = unnamed_file(beside, e), rc = to == -1 ? -1 : copy_bytes(from, to, e);

	free(beside);
	if (rc == 0 && (lseek(to, 0, SEEK_SET) == -1 || dup2(to, STDIN_FILENO) == -1))
		rc = err_errno(e, "its copy");
	if (to > STDIN_FILENO)
		close(to);
	return rc;
}

int reread_prepare(const char **path, struct err *e)
{
	bool given = strcmp(*path, "-") == 0;
	int fd = given ? STDIN_FILENO : open(*path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int rc = 0;

	if (fd == -1 || fstat(fd, &st) == -1)
		rc = err_errno(e, "capture %s: it can't be opened", *path);
	else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !isatty(fd)) {
		rc = copy_pipe(fd, e);
		if (rc == -1)
			rc = err_wrap(e, "capture %s", given ? "of standard input" : *path);
		*path = "-";
	}
	if (fd > STDIN_FILENO)
		close(fd);
	return rc;
}

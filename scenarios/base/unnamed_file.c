/* unnamed_file.c - a file that no folder shows, by O_TMPFILE or, on file systems without it, by
 * taking its name away at once. */
#include "scenarios/base/unnamed_file.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xasprintf("%.*s", (int)(slash - path), path);
}

static int by_unlinking(const char *folder)
{
	char *name = xasprintf("%s/.wedge-XXXXXX", folder);
	int fd = mkostemp(name, O_APPEND | O_CLOEXEC);

	if (fd != -1)
		unlink(name);
	free(name);
	return fd;
}

int unnamed_file(const char *path, struct err *e)
{
	char *folder = folder_of(path);
	int fd = open(folder, O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);

	if (fd == -1 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
		fd = by_unlinking(folder);
	if (fd == -1)
		err_errno(e, "can't write to the folder %s", folder);
	free(folder);
	return fd;
}

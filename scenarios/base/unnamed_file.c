/* unnamed_file.c - a file that no folder shows, by O_TMPFILE or, on file systems without it, by
 * taking its name away at once. */
#include "scenarios/base/unnamed_file.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
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

static int open_nameless(const char *folder)
{
	return open(folder, O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
}

static bool takes_names_only(int error)
{
	return error == EOPNOTSUPP || error == EISDIR || error == EINVAL;
}

int unnamed_file(const char *path, struct err *e)
{
	char *folder = folder_of(path);
	int fd = open_nameless(folder);

	if (fd == -1 && takes_names_only(errno))
		fd = by_unlinking(folder);
	if (fd == -1)
		err_errno(e, "can't write to the folder %s", folder);
	free(folder);
	return fd;
}

int named_later(const char *path, char **beside, struct err *e)
{
	char *folder = folder_of(path);
	int fd = open_nameless(folder);

	*beside = NULL;
	if (fd == -1 && takes_names_only(errno)) {
		*beside = xasprintf("%s.XXXXXX", path);
		fd = mkostemp(*beside, O_APPEND | O_CLOEXEC);
	}
	if (fd == -1) {
		err_errno(e, "can't write to the folder %s", folder);
		free(*beside);
		*beside = NULL;
	}
	free(folder);
	return fd;
}

int name_beside(int fd, const char *path, char **beside, struct err *e)
{
	char *open_file = xasprintf("/proc/self/fd/%d", fd);
	uint64_t number = 0;
	int rc = rng_draw_seed(&number, e);

	*beside = xasprintf("%s.%06x", path, (unsigned)(number & 0xffffff));
	if (rc == 0 && linkat(AT_FDCWD, open_file, AT_FDCWD, *beside, AT_SYMLINK_FOLLOW) == -1)
		rc = err_errno(e, "can't give it the name %s", *beside);
	if (rc == -1) {
		free(*beside);
		*beside = NULL;
	}
	free(open_file);
	return rc;
}

/* own_file.c - looks at the first bytes and at the inode; a file that comes between the look and
 * the deed is put back, by exchanging both names in one step. */
#include "proxy/base/own_file.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_BYTES 4096 /* enough to tell every kind */

static int check_start(const char *path, const struct own_kind *kind, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char start[START_BYTES];
	ssize_t n = fd == -1 ? -1 : read(fd, start, sizeof(start));
	int rc = n == -1 ? err_errno(e, "can't read %s, which exists", path) : 0;

	if (n > 0 && !kind->begins(start, (size_t)n))
		rc = err_set(e, "%s exists and isn't %s that wedge wrote; name another file", path,
			     kind->what);
	else if (n > 0 && kind->is_unchanged && !kind->is_unchanged(fd))
		rc = err_set(e,
			     "%s exists and isn't as wedge wrote it: somebody has changed it; name "
			     "another file",
			     path);
	if (fd != -1)
		close(fd);
	return rc;
}

int own_file_check_append(const char *path, const struct own_kind *kind, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) || !st.st_size)
		return 0; /* what can't be opened is told by whoever opens it */
	return check_start(path, kind, e);
}

int own_file_check_replace(const char *path, const struct own_kind *kind, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : err_errno(e, "can't write %s", path);
	if (S_ISLNK(st.st_mode))
		return err_set(e, "can't write %s: it is a link; name the file", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "can't write %s: it is no ordinary file", path);
	if (st.st_uid != geteuid())
		return err_set(e, "can't write %s: it is another user's", path);
	if (access(path, W_OK) == -1)
		return err_errno(e, "can't write %s", path);
	return st.st_size ? check_start(path, kind, e) : 0;
}

/* For file systems that can't exchange names (NFS). */
static int rename_checked(const char *finished, const char *path, const struct own_kind *kind,
			  struct err *e)
{
	if (own_file_check_replace(path, kind, e) == -1)
		return -1;
	return rename(finished, path) == -1 ? err_errno(e, "can't write %s", path) : 0;
}

int own_file_replace(const char *finished, const char *path, const struct own_kind *kind,
		     struct err *e)
{
	struct err why = {""};

	if (renameat2(AT_FDCWD, finished, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EINVAL || errno == ENOSYS)
		return rename_checked(finished, path, kind, e);
	if (errno != EEXIST)
		return err_errno(e, "can't write %s", path);
	if (own_file_check_replace(path, kind, e) == -1)
		return -1;
	if (renameat2(AT_FDCWD, finished, AT_FDCWD, path, RENAME_EXCHANGE) == -1)
		return errno == EINVAL ? rename_checked(finished, path, kind, e)
				       : err_errno(e, "can't write %s", path);
	if (own_file_check_replace(finished, kind, &why) == -1) {
		(void)!renameat2(AT_FDCWD, finished, AT_FDCWD, path, RENAME_EXCHANGE);
		return err_set(e, "can't write %s: it became another file meanwhile", path);
	}
	return unlink(finished) == -1 ? err_errno(e, "can't remove %s", finished) : 0;
}

static int check_secret(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_errno(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s holds secrets and must be an ordinary file", path);
	if (st.st_uid != geteuid())
		return err_set(e, "%s holds secrets and is another user's (user id %u)", path,
			       (unsigned)st.st_uid);
	if (st.st_mode & 077)
		return err_set(e,
			       "%s may be read or written by others (mode %03o) and holds secrets: "
			       "chmod 600",
			       path, (unsigned)(st.st_mode & 0777));
	if (st.st_nlink > 1)
		return err_set(e,
			       "%s holds secrets and has %lu names (hard links): it must have "
			       "one",
			       path, (unsigned long)st.st_nlink);
	return 0;
}

/* An existing file and a new one are told apart: only a new one's mode is wedge's to set. */
void own_file_set_mode(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	(void)fchmod(fd, 0666 & ~mask);
}

int own_file_open_secret(int folder, const char *path, int flags, struct err *e)
{
	int with = flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, fd;

	fd = openat(folder, path, with & ~O_CREAT);
	if (fd == -1 && errno == ENOENT && (flags & O_CREAT)) {
		fd = openat(folder, path, with | O_EXCL, 0600);
		if (fd != -1)
			(void)fchmod(fd, 0600);
	}
	if (fd == -1)
		return errno == ELOOP
			   ? err_set(e, "%s holds secrets and is a link; name the file", path)
			   : err_errno(e, "can't %s %s",
				       (flags & O_ACCMODE) == O_RDONLY ? "read" : "write", path);
	if (check_secret(fd, path, e) == 0)
		return fd;
	close(fd);
	return -1;
}

static int stat_named(const char *name, struct stat *st)
{
	return strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, st) : stat(name, st);
}

bool own_file_is_same(const char *a, const char *b)
{
	struct stat x, y;

	return stat_named(a, &x) == 0 && stat_named(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

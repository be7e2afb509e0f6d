/* whole_file.c - written without a name, then linked beside what it replaces, then renamed. */
#include "scenarios/base/whole_file.h"

#include "proxy/base/mem.h"
#include "scenarios/base/unnamed_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int write_all(int fd, const char *path, const char *content, size_t len, struct err *e)
{
	while (len) {
		ssize_t n = write(fd, content, len);

		if (n == -1 && errno != EINTR)
			return err_errno(e, "can't write %s", path);
		if (n > 0) {
			content += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int whole_file_write(const char *path, const char *content, size_t len, const struct own_kind *kind,
		     struct err *e)
{
	char *beside;
	int fd = named_later(path, &beside, e), rc;

	if (fd == -1)
		return -1;
	rc = write_all(fd, path, content, len, e);
	if (!rc) {
		own_file_set_mode(fd);
		rc = beside ? 0 : name_beside(fd, path, &beside, e);
	}
	if (!rc)
		rc = own_file_replace(beside, path, kind, e);
	if (rc && beside)
		unlink(beside);
	close(fd);
	free(beside);
	return rc;
}

int whole_file_print(const char *path, void (*write)(const void *arg, FILE *out), const void *arg,
		     const struct own_kind *kind, struct err *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = xopen_memstream(&text, &len);
	int rc;

	write(arg, out);
	xclose_memstream(out);
	rc = whole_file_write(path, text, len, kind, e);
	free(text);
	return rc;
}

int whole_file_check(const char *path, const struct own_kind *kind, struct err *e)
{
	char *beside;
	int fd;

	if (own_file_check_replace(path, kind, e))
		return -1;
	fd = named_later(path, &beside, e);
	if (fd != -1)
		close(fd);
	if (beside)
		unlink(beside);
	free(beside);
	return fd == -1 ? -1 : 0;
}

/* fit_file.c - the scenario is written beside its place, under another name, and gets its own when
 * it is whole. */
#include "scenarios/fit/fit_file.h"

#include "proxy/base/mem.h"
#include "proxy/base/own_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MARK "# Made by wedge analyze --fit"

static bool begins_fitted(const char *start, size_t len)
{
	size_t n = strlen(MARK);

	return len >= n && !memcmp(start, MARK, n);
}

static const struct own_kind kind = {.what = "a fitted scenario", .begins = begins_fitted};

/* Makes a new file beside path, whose name is *name, to be freed. Its descriptor, or -1. */
static int make_beside(const char *path, char **name, struct err *e)
{
	int fd;

	*name = xasprintf("%s.XXXXXX", path);
	fd = mkstemp(*name);
	return fd == -1 ? err_errno(e, "%s", path) : fd;
}

int fit_file_check(const char *path, struct err *e)
{
	char *name;
	int fd;

	if (own_file_check_replace(path, &kind, e))
		return -1;
	fd = make_beside(path, &name, e);
	if (fd != -1) {
		close(fd);
		unlink(name);
	}
	free(name);
	return fd == -1 ? -1 : 0;
}

/* Writes into a new file beside path. */
static int write_beside(const char *path, const struct diagnosis *d, const struct service *service,
			const struct shape *shape, const char *capture, char **name, bool *any,
			struct err *e)
{
	int fd = make_beside(path, name, e);
	FILE *out;

	if (fd == -1)
		return -1;
	out = fdopen(fd, "w");
	if (!out) {
		close(fd);
		return err_errno(e, "%s", path);
	}
	own_file_set_mode(fd);
	*any = fit_write(d, service, shape, capture, out);
	if (fflush(out) || ferror(out)) {
		err_errno(e, "%s", path);
		fclose(out);
		return -1;
	}
	return fclose(out) ? err_errno(e, "%s", path) : 0;
}

int fit_file_write(const char *path, const char *capture, const struct diagnosis *d, bool *any,
		   struct err *e)
{
	const struct service *service = fit_choose_service(d);
	struct shape shape;
	char *name = NULL;
	int rc;

	if (!service)
		return err_set(e, "%s has no TCP connection to make a scenario of", capture);
	if (shape_read(capture, d->stream.leg, &service->server, &shape, e))
		return -1;
	rc = write_beside(path, d, service, &shape, capture, &name, any, e);
	if (!rc)
		rc = own_file_replace(name, path, &kind, e);
	if (rc)
		unlink(name);
	free(name);
	shape_fini(&shape);
	return rc;
}

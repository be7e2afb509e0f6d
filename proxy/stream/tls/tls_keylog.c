/* tls_keylog.c - tells a key log by its first line: a comment, or a label with hexadecimal digits.
 */
#include "proxy/stream/tls/tls_keylog.h"

#include "proxy/base/mem.h"
#include "proxy/base/own_file.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_label(char c)
{
	return isupper((unsigned char)c) || isdigit((unsigned char)c) || c == '_';
}

static bool begins_keylog(const char *start, size_t len)
{
	size_t at = 0;

	if (*start == '#')
		return true;
	while (at < len && is_label(start[at]))
		at++;
	return at > 0 && at + 1 < len && start[at] == ' ' && isxdigit((unsigned char)start[at + 1]);
}

static const struct own_kind keylog_kind = {.what = "a key log", .begins = begins_keylog};

/* The look at what is in it comes second: it reads nothing that isn't the user's own. */
static int open_own(const char *path, int flags, struct err *e)
{
	int fd = own_file_open_secret(AT_FDCWD, path, flags, e);

	if (fd != -1 && own_file_check_append(path, &keylog_kind, e) == -1) {
		close(fd);
		fd = -1;
	}
	return fd == -1 ? err_wrap(e, "keylog: can't append") : fd;
}

int tls_keylog_open(const char *path, struct err *e)
{
	return open_own(path, O_WRONLY | O_CREAT | O_APPEND, e);
}

int tls_keylog_check(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	struct stat st;
	int fd, rc = 0;

	if (lstat(path, &st) == 0) {
		fd = open_own(path, O_WRONLY | O_APPEND, e);
		if (fd != -1)
			close(fd);
		return fd == -1 ? -1 : 0;
	}
	folder = slash ? xasprintf("%.*s", (int)(slash - path) + 1, path) : xstrdup(".");
	if (access(folder, W_OK | X_OK) == -1)
		rc = err_errno(e, "keylog: can't append to %s", path);
	free(folder);
	return rc;
}

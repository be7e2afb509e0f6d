/* run_folder.c - sockets are reached through /proc/self/fd, since a socket's address holds 107
 * bytes and a folder's path may be longer. A lock on the folder keeps a socket that is bound and
 * doesn't listen yet from being taken for one that was left behind. */
#include "proxy/base/run_folder.h"

#include "proxy/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 8

/* The caller frees. */
static char *find_place(void)
{
	const char *given = getenv("XDG_RUNTIME_DIR");

	if (given && *given == '/')
		return xasprintf("%s/wedge", given);
	return geteuid() ? xasprintf("/run/user/%u/wedge", (unsigned)geteuid())
			 : xstrdup("/run/wedge");
}

static int check_owner(int folder, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(folder, &st) == -1)
		return err_errno(e, "%s", path);
	if (st.st_uid != geteuid() || st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(e, "%s isn't this user's alone", path);
	return 0;
}

static int open_folder(bool make, struct err *e)
{
	char *path = find_place();
	int folder = -1, rc = 0;

	if (make && mkdir(path, 0700) == -1 && errno != EEXIST)
		rc = err_errno(e, "can't make the folder %s", path);
	if (rc == 0) {
		folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		rc = folder == -1 ? err_errno(e, "can't open the folder %s", path)
				  : check_owner(folder, path, e);
	}
	free(path);
	if (rc == -1 && folder != -1)
		close(folder);
	return rc == -1 ? -1 : folder;
}

int run_folder_open(struct err *e)
{
	return open_folder(false, e);
}

static struct sockaddr_un make_address(int folder, const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/%.*s", folder, RUN_NAME_MAX,
		 name);
	return a;
}

static int connect_socket(int folder, const char *name)
{
	const struct sockaddr_un a = make_address(folder, name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd != -1 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) == -1) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

int run_folder_connect(int folder, const char *name, struct err *e)
{
	int fd = connect_socket(folder, name);

	return fd == -1 ? err_errno(e, "%s", name) : fd;
}

static void remove_dead(void *arg, const char *name)
{
	int folder = *(int *)arg, fd = connect_socket(folder, name);

	if (fd != -1)
		close(fd);
	else if (errno == ECONNREFUSED)
		unlinkat(folder, name, 0);
}

static int listen_at(int folder, const char *name, struct err *e)
{
	const struct sockaddr_un a = make_address(folder, name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd != -1 && bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	err_errno(e, "can't listen on the socket %s", name);
	if (fd != -1)
		close(fd);
	return -1;
}

int run_folder_listen(char name[RUN_NAME_MAX], struct err *e)
{
	int folder = open_folder(true, e), fd = -1;

	if (folder == -1)
		return -1;
	snprintf(name, RUN_NAME_MAX, "%d", (int)getpid());
	if (flock(folder, LOCK_EX) == -1) {
		err_errno(e, "can't lock the folder of running wedges");
	} else {
		run_folder_each(folder, remove_dead, &folder);
		fd = listen_at(folder, name, e);
	}
	close(folder);
	return fd;
}

void run_folder_leave(const char *name)
{
	struct err ignored;
	int folder = open_folder(false, &ignored);

	if (folder == -1)
		return;
	unlinkat(folder, name, 0);
	close(folder);
}

static int is_shown(const struct dirent *d)
{
	return *d->d_name != '.' && strlen(d->d_name) < RUN_NAME_MAX;
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

void run_folder_each(int folder, void (*fn)(void *arg, const char *name), void *arg)
{
	struct dirent **list = NULL;
	int n = scandirat(folder, ".", &list, is_shown, by_number);

	for (int i = 0; i < n; i++) {
		fn(arg, list[i]->d_name);
		free(list[i]);
	}
	free(list);
}

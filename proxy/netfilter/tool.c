/* tool.c - the tool's standard input, output and error are files in memory: no pipe can fill up. */
#include "proxy/netfilter/tool.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOCK_FD = 9 };

struct stdio {
	int fd[3];
	int lock; /* for iptables-legacy where the system's lock can't be opened; else -1 */
};

static void close_stdio(struct stdio *io)
{
	for (size_t i = 0; i < ARRAY_LEN(io->fd); i++)
		if (io->fd[i] != -1)
			close(io->fd[i]);
	if (io->lock != -1)
		close(io->lock);
}

static bool is_system_lock_usable(void)
{
	int fd = open("/run/xtables.lock", O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1)
		return false;
	close(fd);
	return true;
}

static int open_stdio(struct stdio *io, const char *input, struct err *e)
{
	size_t len = input ? strlen(input) : 0;

	*io = (struct stdio){.fd = {-1, -1, -1}, .lock = -1};
	for (size_t i = 0; i < ARRAY_LEN(io->fd); i++) {
		io->fd[i] = memfd_create("wedge-tool", MFD_CLOEXEC);
		if (io->fd[i] == -1)
			return err_errno(e, "memfd_create");
	}
	if (len && write(io->fd[0], input, len) != (ssize_t)len)
		return err_errno(e, "memfd write");
	if (lseek(io->fd[0], 0, SEEK_SET) == -1)
		return err_errno(e, "memfd seek");
	if (!is_system_lock_usable()) {
		io->lock = memfd_create("xtables.lock", MFD_CLOEXEC);
		if (io->lock == -1)
			return err_errno(e, "memfd_create");
	}
	return 0;
}

static char *read_whole(int fd)
{
	struct stat st;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return xstrdup("");
	text = xcalloc((size_t)st.st_size + 1, 1);
	n = pread(fd, text, (size_t)st.st_size, 0);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int spawn_path(const char *path, const char *const argv[], const struct stdio *io,
		      pid_t *pid)
{
	char path_env[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	char lock_env[] = "XTABLES_LOCKFILE=/proc/self/fd/9"; /* LOCK_FD */
	char *env[] = {path_env, locale, NULL, NULL};
	posix_spawn_file_actions_t actions;
	int rc;

	rc = posix_spawn_file_actions_init(&actions);
	for (int i = 0; !rc && i < 3; i++)
		rc = posix_spawn_file_actions_adddup2(&actions, io->fd[i], i);
	if (!rc && io->lock != -1) {
		rc = posix_spawn_file_actions_adddup2(&actions, io->lock, LOCK_FD);
		env[2] = lock_env;
	}
	if (!rc) /* argv's texts are not written to: the prototype is older than const */
		rc = posix_spawn(pid, path, &actions, NULL, (char *const *)argv, env);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static int spawn_tool(const char *const argv[], const struct stdio *io, pid_t *pid)
{
	static const char *const folders[] = {"/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"};
	int rc = ENOENT;

	for (size_t i = 0; i < ARRAY_LEN(folders) && rc == ENOENT; i++) {
		char *path = xasprintf("%s/%s", folders[i], argv[0]);

		rc = access(path, X_OK) == 0 ? spawn_path(path, argv, io, pid) : ENOENT;
		free(path);
	}
	return rc;
}

/* What the tool has written to standard error goes to *e on one line. Returns -1. */
static int report_failure(const char *name, int fd, struct err *e)
{
	char *said = read_whole(fd);
	size_t n = strlen(said);

	while (n && (said[n - 1] == '\n' || said[n - 1] == ' '))
		said[--n] = '\0';
	for (char *p = said; *p; p++)
		if (*p == '\n')
			*p = ' ';
	err_set(e, "%s failed%s%.400s", name, n ? ": " : "", said);
	free(said);
	return -1;
}

int tool_run(const char *const argv[], const char *input, char **output, struct err *e)
{
	struct stdio io;
	int rc, status = -1;
	pid_t pid;

	if (open_stdio(&io, input, e) == -1) {
		close_stdio(&io);
		return -1;
	}
	rc = spawn_tool(argv, &io, &pid);
	if (rc) {
		errno = rc;
		rc = rc == ENOENT ? err_set(e, "%s isn't installed", argv[0])
				  : err_errno(e, "can't run %s", argv[0]);
	} else {
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			continue;
		rc = status == 0 ? 0 : report_failure(argv[0], io.fd[2], e);
	}
	if (!rc && output)
		*output = read_whole(io.fd[1]);
	close_stdio(&io);
	return rc;
}

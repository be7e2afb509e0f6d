/* workdir.c - a janitor process holds one end of a pipe and removes the folder when the other end
 * closes. */
#include "scenarios/run/workdir.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct workdir {
	char *out, *path;
	size_t made;  /* this many bytes of out name a folder that was made for it; 0: none */
	int lifeline; /* the janitor sees its end of file when this process is gone */
	pid_t janitor;
};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Removes the unfinished folder, and those above it that were made for it and are empty. */
static void remove_unfinished(const struct workdir *w)
{
	char *above = xstrdup(w->out), *slash;

	remove_tree(w->path);
	while (w->made && (slash = strrchr(above, '/')) && (size_t)(slash - above) >= w->made) {
		*slash = '\0';
		if (rmdir(above) == -1)
			break;
	}
	free(above);
}

/* Starts a process that outlives this one by a moment: it removes the folder unless end_janitor
 * says that the folder has its name. */
static int start_janitor(struct workdir *w, struct err *e)
{
	int fds[2];
	char byte;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return err_errno(e, "pipe");
	w->janitor = fork();
	if (w->janitor == -1) {
		close(fds[0]);
		close(fds[1]);
		return err_errno(e, "fork");
	}
	if (w->janitor == 0) {
		setsid();
		close(fds[1]);
		signal(SIGPIPE, SIG_IGN);
		/* No pipeline must wait for this process. */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		if (read(fds[0], &byte, 1) == 0)
			remove_unfinished(w);
		_exit(0);
	}
	close(fds[0]);
	w->lifeline = fds[1];
	return 0;
}

static void end_janitor(struct workdir *w)
{
	if (w->janitor <= 0)
		return;
	if (write(w->lifeline, "k", 1) == -1)
		kill(w->janitor, SIGTERM);
	close(w->lifeline);
	waitpid(w->janitor, NULL, 0);
}

static int make_parents(struct workdir *w, struct err *e)
{
	char *copy = xstrdup(w->out);
	int rc = 0;

	for (char *p = strchr(copy + 1, '/'); p && rc == 0; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, 0755) == 0)
			w->made = w->made ? w->made : (size_t)(p - copy);
		else if (errno != EEXIST)
			rc = err_errno(e, "--out: can't make the folder '%s'", copy);
		*p = '/';
	}
	free(copy);
	return rc;
}

/* An existing folder may be replaced when it is empty or an earlier report. */
static int check_replaceable(const char *out, struct err *e)
{
	char *marker = xasprintf("%s/result.json", out);
	struct stat st;
	int rc = 0;

	if (stat(out, &st) == -1) {
		if (errno != ENOENT)
			rc = err_errno(e, "--out: '%s'", out);
	} else if (!S_ISDIR(st.st_mode)) {
		rc = err_set(e, "--out: '%s' is not a folder", out);
	} else if (access(marker, F_OK) == -1 && rmdir(out) == -1) {
		rc = err_set(e,
			     "--out: the folder '%s' holds something else than an earlier report; "
			     "name a new or an empty one",
			     out);
	}
	free(marker);
	return rc;
}

static char *make_absolute(const char *path)
{
	char cwd[4096];
	size_t len;
	char *out;

	if (path[0] == '/' || !getcwd(cwd, sizeof(cwd)))
		out = xstrdup(path);
	else
		out = xasprintf("%s/%s", cwd, path);
	len = strlen(out);
	while (len > 1 && out[len - 1] == '/')
		out[--len] = '\0';
	return out;
}

static void workdir_free(struct workdir *w)
{
	free(w->out);
	free(w->path);
	free(w);
}

struct workdir *workdir_open(const char *out, struct err *e)
{
	struct workdir *w = xcalloc(1, sizeof(*w));

	w->out = make_absolute(out);
	w->path = xasprintf("%s.partial-%d", w->out, (int)getpid());
	if (make_parents(w, e) == -1 || check_replaceable(w->out, e) == -1)
		goto fail;
	if (mkdir(w->path, 0755) == -1) {
		err_errno(e, "--out: can't write '%s'", w->out);
		goto fail;
	}
	if (start_janitor(w, e) == -1)
		goto fail;
	return w;
fail:
	remove_unfinished(w);
	workdir_free(w);
	return NULL;
}

const char *workdir_path(const struct workdir *w)
{
	return w->path;
}

int workdir_commit(struct workdir *w, struct err *e)
{
	int rc = 0;

	if (check_replaceable(w->out, e) == -1)
		rc = -1;
	if (rc == 0) {
		remove_tree(w->out);
		if (rename(w->path, w->out) == -1)
			rc = err_errno(e, "--out: can't write '%s'", w->out);
	}
	if (rc == -1) {
		workdir_discard(w);
		return -1;
	}
	end_janitor(w);
	workdir_free(w);
	return 0;
}

void workdir_discard(struct workdir *w)
{
	if (!w)
		return;
	remove_unfinished(w);
	end_janitor(w);
	workdir_free(w);
}

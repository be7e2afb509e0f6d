/* workdir.c - a janitor process holds one end of a pipe and removes the folder when the other end
 * closes. An earlier report changes places with the new one and is removed then, so that under the
 * wanted name there is always a whole one. */
#include "scenarios/run/workdir.h"

#include "proxy/base/mem.h"
#include "scenarios/run/report_mark.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct workdir {
	const char *option; /* what messages call it */
	char *typed;	    /* what the user wrote, made absolute */
	char *out;	    /* the same without links and dots */
	char *path;
	size_t made;  /* this many bytes of typed name a folder that was made for it; 0: none */
	dev_t device; /* of the folder that was made at path, with its number: */
	ino_t inode;  /* 0: none was */
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

/* Removes the folders above that were made for this one and are empty. */
static void remove_made(const struct workdir *w)
{
	char *above = xstrdup(w->typed), *slash;

	while (w->made && (slash = strrchr(above, '/')) && (size_t)(slash - above) >= w->made) {
		*slash = '\0';
		slash = strrchr(above, '/');
		if (slash && (strcmp(slash, "/.") == 0 || strcmp(slash, "/..") == 0))
			continue;
		if (rmdir(above) == -1)
			break;
	}
	free(above);
}

/* What stands under the temporary name: the folder that was made there, which is wedge's with all
 * that is in it, or the earlier report that has changed places with it. */
static void remove_rest(const struct workdir *w)
{
	struct err ignored;
	struct stat st;

	if (!w->inode || lstat(w->path, &st) == -1)
		return;
	if (st.st_dev == w->device && st.st_ino == w->inode)
		nftw(w->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	else
		(void)!report_mark_remove(w->path, w->out, &ignored);
	remove_made(w);
}

/* Starts a process that outlives this one by a moment: it removes what is left under the temporary
 * name unless end_janitor says that nothing is. */
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
			remove_rest(w);
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
	char *copy = xstrdup(w->typed);
	int rc = 0;

	for (char *p = strchr(copy + 1, '/'); p && rc == 0; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, 0755) == 0)
			w->made = w->made ? w->made : (size_t)(p - copy);
		else if (errno != EEXIST)
			rc = err_errno(e, "can't make the folder '%s'", copy);
		*p = '/';
	}
	free(copy);
	return rc;
}

/* What nothing can change places with: the root of a file system, and the folder that a shell is
 * in, which would be left in one that is gone. */
static int check_place(const char *out, struct err *e)
{
	struct stat st, here;
	struct statx stx;

	if (statx(AT_FDCWD, out, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &stx) == 0 &&
	    (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return err_set(e, "'%s' is where a file system is mounted", out);
	if (stat(out, &st) == 0 && stat(".", &here) == 0 && st.st_dev == here.st_dev &&
	    st.st_ino == here.st_ino)
		return err_set(e, "'%s' is the folder that wedge was started in", out);
	return 0;
}

/* An existing folder may be replaced when it is empty or an earlier report. */
static int check_replaceable(const char *out, struct err *e)
{
	struct stat st;

	if (lstat(out, &st) == -1)
		return errno == ENOENT ? 0 : err_errno(e, "'%s'", out);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, "'%s' is not a folder", out);
	if (st.st_uid != geteuid() && geteuid() != 0)
		return err_set(e, "the folder '%s' is another user's", out);
	if (access(out, R_OK | W_OK | X_OK) == -1)
		return err_errno(e, "the folder '%s'", out);
	return check_place(out, e) == -1 ? -1 : report_mark_check(out, e);
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

/* The name without links and dots; the last part of it needn't exist. NULL with *e. */
static char *resolve_name(const char *typed, struct err *e)
{
	char *real = realpath(typed, NULL), *slash = strrchr(typed, '/'), *above, *out;
	struct stat st;

	if (real || !slash)
		return real;
	if (errno != ENOENT || lstat(typed, &st) == 0) {
		err_errno(e, "'%s'", typed);
		return NULL;
	}
	above = xasprintf("%.*s", slash == typed ? 1 : (int)(slash - typed), typed);
	real = realpath(above, NULL);
	if (!real)
		err_errno(e, "'%s'", above);
	out = real ? xasprintf("%s%s", strcmp(real, "/") == 0 ? "" : real, slash) : NULL;
	free(above);
	free(real);
	return out;
}

static void workdir_free(struct workdir *w)
{
	free(w->typed);
	free(w->out);
	free(w->path);
	free(w);
}

/* Makes the folder, which nobody else's may be: what is in it is removed unless it gets its name.
 */
static int make_folder(struct workdir *w, struct err *e)
{
	struct stat st;

	w->path = xasprintf("%s.partial-%d", w->out, (int)getpid());
	if (mkdir(w->path, 0755) == -1 || lstat(w->path, &st) == -1)
		return err_errno(e, "can't make the folder '%s'", w->path);
	w->device = st.st_dev;
	w->inode = st.st_ino;
	return 0;
}

/* Says what would be taken instead. */
static int add_advice(struct err *e)
{
	struct err why = *e;

	return err_set(e, "%s; name a new or an empty folder", why.text);
}

struct workdir *workdir_open(const char *out, const char *option, struct err *e)
{
	struct workdir *w = xcalloc(1, sizeof(*w));
	int rc = 0;

	w->option = option;
	w->typed = make_absolute(out);
	if (!*out)
		rc = err_set(e, "an empty name is no folder's");
	if (rc == 0)
		rc = make_parents(w, e);
	if (rc == 0 && !(w->out = resolve_name(w->typed, e)))
		rc = -1;
	if (rc == 0 && check_replaceable(w->out, e) == -1)
		rc = add_advice(e);
	if (rc == 0)
		rc = make_folder(w, e);
	if (rc == 0)
		rc = start_janitor(w, e);
	if (rc == 0)
		return w;
	err_wrap(e, "%s", option);
	remove_rest(w);
	remove_made(w);
	workdir_free(w);
	return NULL;
}

const char *workdir_path(const struct workdir *w)
{
	return w->path;
}

/* The new folder is whose and as open as the one whose place it takes. */
static int take_mode(const struct workdir *w, struct err *e)
{
	struct stat st;

	if (lstat(w->out, &st) == -1)
		return err_errno(e, "'%s'", w->out);
	(void)!chown(w->path, (uid_t)-1, st.st_gid); /* a group that isn't one's own stays away */
	if ((st.st_uid != geteuid() && chown(w->path, st.st_uid, (gid_t)-1) == -1) ||
	    chmod(w->path, st.st_mode & 07777) == -1)
		return err_errno(e, "'%s'", w->path);
	return 0;
}

/* Gives a folder a name that nothing has; some file systems (NFS) can't promise that, but rename()
 * takes no name away from a folder with anything in it either. */
static int move_folder(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (access(to, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

/* In one step where the file system can, else by way of a third name. */
static int exchange_folders(const char *a, const char *b)
{
	char *aside;
	int rc;

	if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	aside = xasprintf("%s.aside", a);
	rc = move_folder(b, aside);
	if (rc == 0 && move_folder(a, b) == -1) {
		(void)!move_folder(aside, b);
		rc = -1;
	}
	if (rc == 0)
		rc = move_folder(aside, a);
	free(aside);
	return rc;
}

/* What comes to light only when the folders have changed places is put back. */
static int replace_folder(struct workdir *w, struct err *e)
{
	if (check_place(w->out, e) == -1 || take_mode(w, e) == -1)
		return -1;
	if (exchange_folders(w->path, w->out) == -1)
		return err_errno(e, "can't replace '%s'", w->out);
	if (report_mark_remove(w->path, w->out, e) == 0)
		return 0;
	if (exchange_folders(w->path, w->out) == -1)
		return err_errno(e, "can't put '%s' back", w->out);
	return -1;
}

static int take_place(struct workdir *w, struct err *e)
{
	if (move_folder(w->path, w->out) == 0)
		return 0;
	if (errno != EEXIST)
		return err_errno(e, "can't write '%s'", w->out);
	return replace_folder(w, e);
}

/* A report that is whole isn't lost because it can't have its name. Returns the name that it has.
 */
static char *keep_beside(const struct workdir *w, struct err *e)
{
	char *kept = xasprintf("%s.new-%d", w->out, (int)getpid());

	if (move_folder(w->path, kept) == -1) {
		free(kept);
		kept = xstrdup(w->path);
	}
	err_wrap(e, "%s: the report is '%s'", w->option, kept);
	return kept;
}

char *workdir_commit(struct workdir *w, struct err *e)
{
	char *kept = NULL;

	*e = (struct err){""};
	if (report_mark_write(w->path, e) == -1 || take_place(w, e) == -1)
		kept = keep_beside(w, e);
	end_janitor(w);
	workdir_free(w);
	return kept;
}

void workdir_discard(struct workdir *w)
{
	if (!w)
		return;
	remove_rest(w);
	end_janitor(w);
	workdir_free(w);
}

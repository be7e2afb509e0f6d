/* root_files.c - follows the lines "Include" of ssh_config(5). */
#include "proxy/exec/root_files.h"

#include "proxy/base/mem.h"

#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_FOLDER "/etc/ssh"
#define KEYWORD	      "include"

/* READCONF_MAX_DEPTH of OpenSSH; sizes bound what a strange file costs. */
enum { DEPTH_MAX = 16, FILES_MAX = 256, SIZE_MAX_BYTES = 65536 };

struct root_file {
	char *path; /* without symbolic links */
	char *text;
	size_t len;
	mode_t mode;
	int place; /* O_PATH; -1: not found, or root's here, too */
	STAILQ_ENTRY(root_file) entry;
};

struct root_files {
	STAILQ_HEAD(, root_file) list;
	size_t n;
};

/* Where relative names of a configuration begin, and what "~" is. */
struct place {
	const char *folder, *home;
};

static void follow_file(struct root_files *files, const struct place *at, const char *path,
			int depth);

static void follow_pattern(struct root_files *files, const struct place *at, const char *pattern,
			   int depth)
{
	char *full = *pattern == '/'   ? xstrdup(pattern)
		     : *pattern == '~' ? xasprintf("%s%s", at->home, pattern + 1)
				       : xasprintf("%s/%s", at->folder, pattern);
	glob_t found;

	if (glob(full, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			follow_file(files, at, found.gl_pathv[i], depth + 1);
		globfree(&found);
	}
	free(full);
}

/* Words are separated by blanks, or stand in double quotes. */
static void follow_words(struct root_files *files, const struct place *at, char *words, int depth)
{
	while (*(words += strspn(words, " \t=\r\n"))) {
		bool quoted = *words == '"';
		char *end;

		words += quoted;
		end = words + strcspn(words, quoted ? "\"\n" : " \t\r\n");
		if (!*end) {
			follow_pattern(files, at, words, depth);
			return;
		}
		*end = '\0';
		follow_pattern(files, at, words, depth);
		words = end + 1;
	}
}

static void follow_lines(struct root_files *files, const struct place *at, const char *text,
			 int depth)
{
	char *copy = xstrdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (strncasecmp(line, KEYWORD, strlen(KEYWORD)) == 0 &&
		    strchr(" \t=\"", line[strlen(KEYWORD)]))
			follow_words(files, at, line + strlen(KEYWORD), depth);
	}
	free(copy);
}

static bool has_file(const struct root_files *files, const char *path)
{
	const struct root_file *f;

	STAILQ_FOREACH (f, &files->list, entry)
		if (strcmp(f->path, path) == 0)
			return true;
	return false;
}

/* Takes over path and text. */
static void keep_file(struct root_files *files, char *path, char *text, size_t len, mode_t mode)
{
	struct root_file *f;

	if (has_file(files, path)) {
		free(path);
		free(text);
		return;
	}
	f = xcalloc(1, sizeof(*f));
	*f = (struct root_file){
	    .path = path, .text = text, .len = len, .mode = mode & 07777, .place = -1};
	STAILQ_INSERT_TAIL(&files->list, f, entry);
	files->n++;
}

/* Returns the text of a regular file that isn't larger than SIZE_MAX_BYTES, or NULL. */
static char *read_regular(const char *path, struct stat *st, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	ssize_t n;

	if (fd == -1)
		return NULL;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) && st->st_size <= SIZE_MAX_BYTES) {
		text = xcalloc(1, SIZE_MAX_BYTES + 1);
		n = read(fd, text, SIZE_MAX_BYTES);
		*len = n > 0 ? (size_t)n : 0;
	}
	close(fd);
	return text;
}

/* The files at depth 0 aren't included, so ssh doesn't check whose they are. */
static void follow_file(struct root_files *files, const struct place *at, const char *path,
			int depth)
{
	struct stat st;
	size_t len;
	char *text =
	    depth > DEPTH_MAX || files->n >= FILES_MAX ? NULL : read_regular(path, &st, &len);
	char *real;

	if (!text)
		return;
	follow_lines(files, at, text, depth);
	real = depth && st.st_uid == 0 ? realpath(path, NULL) : NULL;
	if (real)
		keep_file(files, real, text, len, st.st_mode);
	else
		free(text);
}

struct root_files *root_files_read(void)
{
	struct root_files *files = xcalloc(1, sizeof(*files));
	const struct passwd *user = getpwuid(geteuid());
	char *folder, *config;

	STAILQ_INIT(&files->list);
	follow_file(files, &(struct place){SYSTEM_FOLDER, ""}, SYSTEM_FOLDER "/ssh_config", 0);
	if (!user)
		return files;
	folder = xasprintf("%s/.ssh", user->pw_dir);
	config = xasprintf("%s/config", folder);
	follow_file(files, &(struct place){folder, user->pw_dir}, config, 0);
	free(config);
	free(folder);
	return files;
}

void root_files_free(struct root_files *files)
{
	struct root_file *f;

	while (files && (f = STAILQ_FIRST(&files->list))) {
		STAILQ_REMOVE_HEAD(&files->list, entry);
		free(f->path);
		free(f->text);
		free(f);
	}
	free(files);
}

/* Where root's id exists the file is root's here, too. */
void root_files_find(struct root_files *files)
{
	struct root_file *f;
	struct stat st;

	if (!files)
		return;
	STAILQ_FOREACH (f, &files->list, entry) {
		f->place = open(f->path, O_PATH | O_CLOEXEC);
		if (f->place != -1 && (fstat(f->place, &st) == -1 || st.st_uid == 0)) {
			close(f->place);
			f->place = -1;
		}
	}
}

static void mount_copy(const struct root_file *f, const char *copy)
{
	int fd = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char place[64];
	bool whole;

	if (fd == -1)
		return;
	snprintf(place, sizeof(place), "/proc/self/fd/%d", f->place);
	whole = write(fd, f->text, f->len) == (ssize_t)f->len && fchmod(fd, f->mode) == 0;
	close(fd);
	if (whole)
		(void)!mount(copy, place, NULL, MS_BIND, NULL);
}

void root_files_mount(struct root_files *files, const char *folder)
{
	struct root_file *f;
	size_t n = 0;

	if (!files)
		return;
	STAILQ_FOREACH (f, &files->list, entry) {
		char *copy = xasprintf("%s/root-%zu", folder, n++);

		if (f->place != -1) {
			mount_copy(f, copy);
			close(f->place);
			f->place = -1;
		}
		free(copy);
	}
}

/* report_mark.c - the mark is a JSON file: {"written_by": "wedge run", "files": {NAME: SHA-256}}. A
 * folder within has a mark of its own, which is listed as "NAME/". Files are opened below the
 * folder's descriptor and never through links. */
#include "scenarios/run/report_mark.h"

#include "proxy/base/mem.h"
#include "scenarios/run/file_hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK_BYTES (1u << 20) /* no mark is larger */
#define WRITTEN_BY "wedge run"

struct marked {
	const char *name; /* of the folder, for messages */
	int folder;	  /* its descriptor */
	json_t *files;	  /* what its mark lists; NULL: there is none */
};

static void close_marked(struct marked *m)
{
	if (m->folder != -1)
		close(m->folder);
	json_decref(m->files);
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

typedef int entry_fn(struct marked *m, const char *name, struct err *e);

/* Calls for every entry of the folder but the mark, until a call fails. */
static int each_entry(struct marked *m, entry_fn *fn, struct err *e)
{
	int again = openat(m->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *dir = again == -1 ? NULL : fdopendir(again);
	struct dirent *entry;

	if (!dir) {
		if (again != -1)
			close(again);
		return err_errno(e, "can't list '%s'", m->name);
	}
	while (rc == 0 && (entry = readdir(dir)))
		if (!is_dot(entry->d_name) && strcmp(entry->d_name, REPORT_MARK) != 0)
			rc = fn(m, entry->d_name, e);
	closedir(dir);
	return rc;
}

static int write_marked(struct marked *m, struct err *e);
static int prove_all(struct marked *m, struct err *e);
static int remove_all(struct marked *m, struct err *e);

static bool is_folder(const struct marked *m, const char *name)
{
	struct stat st;

	return fstatat(m->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Does something with a folder within. */
static int with_folder(const struct marked *m, const char *name,
		       int (*fn)(struct marked *within, struct err *e), struct err *e)
{
	char *path = xasprintf("%s/%s", m->name, name);
	struct marked within = {.name = path, .folder = -1};
	int rc;

	within.folder = openat(m->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	rc = within.folder == -1 ? err_errno(e, "'%s'", path) : fn(&within, e);
	close_marked(&within);
	free(path);
	return rc;
}

/* Lists a folder within by its mark, which tells what is in it. */
static int list_folder(struct marked *m, const char *name, struct err *e)
{
	char *key = xasprintf("%s/", name), *mark = xasprintf("%s/" REPORT_MARK, name);
	char text[FILE_HASH_TEXT];
	int rc = with_folder(m, name, write_marked, e);

	if (rc == 0)
		rc = file_hash(m->folder, mark, text, e);
	if (rc == 0)
		json_object_set_new(m->files, key, json_string(text));
	free(key);
	free(mark);
	return rc;
}

/* What a program of the user's made that is no ordinary file is left out, and thus never removed.
 */
static int list_entry(struct marked *m, const char *name, struct err *e)
{
	char text[FILE_HASH_TEXT];
	struct stat st;

	if (is_folder(m, name))
		return list_folder(m, name, e);
	if (fstatat(m->folder, name, &st, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISREG(st.st_mode))
		return 0;
	if (file_hash(m->folder, name, text, e) == -1)
		return -1;
	json_object_set_new(m->files, name, json_string(text));
	return 0;
}

/* file is what the mark lists as key: itself, or a folder's mark. */
static int prove_file(const struct marked *m, const char *key, const char *file, struct err *e)
{
	const char *listed = json_string_value(json_object_get(m->files, key));
	struct err why = {""};
	char text[FILE_HASH_TEXT];

	if (!listed)
		return err_set(e, "the folder '%s' holds '%s', which wedge didn't write", m->name,
			       key);
	if (file_hash(m->folder, file, text, &why) == -1)
		return err_set(e, "the folder '%s': %s", m->name, why.text);
	if (strcmp(text, listed) != 0)
		return err_set(e, "in the folder '%s', '%s' isn't what wedge wrote there", m->name,
			       key);
	return 0;
}

static int prove_entry(struct marked *m, const char *name, struct err *e)
{
	char *key, *mark;
	int rc;

	if (!is_folder(m, name))
		return prove_file(m, name, name, e);
	key = xasprintf("%s/", name);
	mark = xasprintf("%s/" REPORT_MARK, name);
	/* A removal that was broken off may have left the folder, empty. */
	rc = faccessat(m->folder, mark, F_OK, AT_SYMLINK_NOFOLLOW) == -1
		 ? 0
		 : prove_file(m, key, mark, e);
	free(key);
	free(mark);
	return rc == 0 ? with_folder(m, name, prove_all, e) : -1;
}

static int remove_entry(struct marked *m, const char *name, struct err *e)
{
	bool folder = is_folder(m, name);

	if (prove_entry(m, name, e) == -1 || (folder && with_folder(m, name, remove_all, e) == -1))
		return -1;
	if (unlinkat(m->folder, name, folder ? AT_REMOVEDIR : 0) == -1)
		return err_errno(e, "can't remove '%s/%s'", m->name, name);
	return 0;
}

/* A mark that somebody else wrote, or that is a second name of a file, proves nothing. */
static int read_mark(struct marked *m, struct err *e)
{
	struct err why = {""};
	json_t *mark = NULL;
	const char *by;
	struct stat st;
	int fd = file_open_ordinary(m->folder, REPORT_MARK, &st, &why);

	if (fd == -1)
		return faccessat(m->folder, REPORT_MARK, F_OK, AT_SYMLINK_NOFOLLOW) == -1
			   ? 0
			   : err_set(e, "the folder '%s': %s", m->name, why.text);
	if (st.st_uid == geteuid() && st.st_nlink == 1 && st.st_size <= MARK_BYTES)
		mark = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
	close(fd);
	by = json_string_value(json_object_get(mark, "written_by"));
	if (by && strcmp(by, WRITTEN_BY) == 0)
		m->files = json_incref(json_object_get(mark, "files"));
	json_decref(mark);
	return json_is_object(m->files)
		   ? 0
		   : err_set(e, "in the folder '%s', '%s' is no mark that wedge wrote for you",
			     m->name, REPORT_MARK);
}

static int open_marked(struct marked *m, const char *folder, struct err *e)
{
	*m = (struct marked){folder, -1, NULL};
	m->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (m->folder == -1)
		return err_errno(e, "'%s'", folder);
	return 0;
}

static int save_mark(struct marked *m)
{
	json_t *mark = json_pack("{s:s, s:O}", "written_by", WRITTEN_BY, "files", m->files);
	int fd = openat(m->folder, REPORT_MARK, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int rc = fd == -1 ? -1 : json_dumpfd(mark, fd, JSON_INDENT(1) | JSON_SORT_KEYS);

	json_decref(mark);
	if (fd != -1 && close(fd) == -1)
		rc = -1;
	return rc;
}

static int write_marked(struct marked *m, struct err *e)
{
	m->files = json_object();
	if (each_entry(m, list_entry, e) == -1)
		return -1;
	return save_mark(m) == -1 ? err_errno(e, "can't write '%s/%s'", m->name, REPORT_MARK) : 0;
}

static int prove_all(struct marked *m, struct err *e)
{
	return read_mark(m, e) == -1 ? -1 : each_entry(m, prove_entry, e);
}

/* The mark goes last. */
static int remove_all(struct marked *m, struct err *e)
{
	if (prove_all(m, e) == -1 || each_entry(m, remove_entry, e) == -1)
		return -1;
	if (m->files && unlinkat(m->folder, REPORT_MARK, 0) == -1)
		return err_errno(e, "can't remove '%s/%s'", m->name, REPORT_MARK);
	return 0;
}

/* Does something with a folder, which messages call name. */
static int with_marked(const char *folder, const char *name,
		       int (*fn)(struct marked *m, struct err *e), struct err *e)
{
	struct marked m;
	int rc = open_marked(&m, folder, e);

	m.name = name;
	if (rc == 0)
		rc = fn(&m, e);
	close_marked(&m);
	return rc;
}

int report_mark_write(const char *folder, struct err *e)
{
	return with_marked(folder, folder, write_marked, e);
}

int report_mark_check(const char *folder, struct err *e)
{
	return with_marked(folder, folder, prove_all, e);
}

int report_mark_remove(const char *folder, const char *name, struct err *e)
{
	if (with_marked(folder, name, remove_all, e) == -1)
		return -1;
	return rmdir(folder) == -1 ? err_errno(e, "can't remove '%s'", name) : 0;
}

/* report_mark.c - the mark is a JSON file: {"written_by": "wedge run", "files": {NAME: SHA-256}}.
 * Files are opened below the folder's descriptor and never through links. */
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

/* What a program of the user's made that is no ordinary file is left out, and thus never removed.
 */
static int list_file(struct marked *m, const char *name, struct err *e)
{
	char text[FILE_HASH_TEXT];
	struct stat st;

	if (fstatat(m->folder, name, &st, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISREG(st.st_mode))
		return 0;
	if (file_hash(m->folder, name, text, e) == -1)
		return -1;
	json_object_set_new(m->files, name, json_string(text));
	return 0;
}

static int prove_file(struct marked *m, const char *name, struct err *e)
{
	const char *listed = json_string_value(json_object_get(m->files, name));
	struct err why = {""};
	char text[FILE_HASH_TEXT];

	if (!listed)
		return err_set(e, "the folder '%s' holds '%s', which wedge didn't write", m->name,
			       name);
	if (file_hash(m->folder, name, text, &why) == -1)
		return err_set(e, "the folder '%s': %s", m->name, why.text);
	if (strcmp(text, listed) != 0)
		return err_set(e, "in the folder '%s', '%s' isn't what wedge wrote there", m->name,
			       name);
	return 0;
}

static int remove_file(struct marked *m, const char *name, struct err *e)
{
	if (prove_file(m, name, e) == -1)
		return -1;
	if (unlinkat(m->folder, name, 0) == -1)
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

static void close_marked(struct marked *m)
{
	if (m->folder != -1)
		close(m->folder);
	json_decref(m->files);
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

int report_mark_write(const char *folder, struct err *e)
{
	struct marked m;
	int rc = open_marked(&m, folder, e);

	m.files = json_object();
	if (rc == 0)
		rc = each_entry(&m, list_file, e);
	if (rc == 0 && save_mark(&m) == -1)
		rc = err_errno(e, "can't write '%s/%s'", folder, REPORT_MARK);
	close_marked(&m);
	return rc;
}

static int prove_all(struct marked *m, struct err *e)
{
	return read_mark(m, e) == -1 ? -1 : each_entry(m, prove_file, e);
}

int report_mark_check(const char *folder, struct err *e)
{
	struct marked m;
	int rc = open_marked(&m, folder, e);

	if (rc == 0)
		rc = prove_all(&m, e);
	close_marked(&m);
	return rc;
}

int report_mark_remove(const char *folder, const char *name, struct err *e)
{
	struct marked m;
	int rc = open_marked(&m, folder, e);

	m.name = name;
	if (rc == 0)
		rc = prove_all(&m, e);
	if (rc == 0)
		rc = each_entry(&m, remove_file, e);
	if (rc == 0 && m.files && unlinkat(m.folder, REPORT_MARK, 0) == -1)
		rc = err_errno(e, "can't remove '%s/%s'", name, REPORT_MARK);
	if (rc == 0 && rmdir(folder) == -1)
		rc = err_errno(e, "can't remove '%s'", name);
	close_marked(&m);
	return rc;
}

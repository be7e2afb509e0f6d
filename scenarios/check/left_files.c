/* left_files.c - walks the folder without following links. */
#include "scenarios/check/left_files.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"
#include "scenarios/run/file_hash.h"

#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <unistd.h>

static void take_file(struct left_files *l, int folder, const char *name, off_t size)
{
	char text[FILE_HASH_TEXT];

	l->v = xrealloc(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = (struct left_file){
	    .name = layout_utf8(name),
	    .size = (uint64_t)size,
	    .sha = file_hash(folder, name, text, NULL) == 0 ? xstrdup(text) : NULL};
}

int left_files_list(const char *folder, struct left_files *l, struct err *e)
{
	char *const roots[] = {(char *)folder, NULL};
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	FTS *walk = fd == -1 ? NULL : fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *at;

	*l = (struct left_files){NULL, 0};
	if (!walk) {
		err_errno(e, "can't read the folder %s", folder);
		if (fd != -1)
			close(fd);
		return -1;
	}
	while (l->n < LEFT_FILES_MAX && (at = fts_read(walk)))
		if (at->fts_info == FTS_F)
			take_file(l, fd, at->fts_path + strlen(folder) + 1, at->fts_statp->st_size);
	fts_close(walk);
	close(fd);
	return 0;
}

void left_files_fini(struct left_files *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].sha);
	}
	free(l->v);
	*l = (struct left_files){NULL, 0};
}

static const struct left_file *find_file(const struct left_files *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, name) == 0)
			return &l->v[i];
	return NULL;
}

static bool is_same(const struct left_file *a, const struct left_file *b)
{
	return a->size == b->size && a->sha && b->sha && strcmp(a->sha, b->sha) == 0;
}

void left_files_keep_same(struct left_files *l, const struct left_files *other)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct left_file *f = find_file(other, l->v[i].name);

		if (f && is_same(f, &l->v[i])) {
			l->v[kept++] = l->v[i];
			continue;
		}
		free(l->v[i].name);
		free(l->v[i].sha);
	}
	l->n = kept;
}

char *left_files_differ(const struct left_files *got, const struct left_files *wanted)
{
	for (size_t i = 0; i < wanted->n; i++) {
		const struct left_file *f = find_file(got, wanted->v[i].name);
		unsigned long long size = wanted->v[i].size;

		if (!f)
			return xasprintf("there is no %s", wanted->v[i].name);
		if (f->size != size)
			return xasprintf("%s has %llu bytes instead of %llu", f->name,
					 (unsigned long long)f->size, size);
		if (!is_same(f, &wanted->v[i]))
			return xasprintf("the bytes of %s are others", f->name);
	}
	return NULL;
}

bool left_files_have_all(const struct left_files *got, const struct left_files *wanted)
{
	for (size_t i = 0; i < wanted->n; i++) {
		const struct left_file *f = find_file(got, wanted->v[i].name);

		if (!f || !is_same(f, &wanted->v[i]))
			return false;
	}
	return true;
}

const struct left_file *left_files_find_partial(const struct left_files *got,
						const struct left_files *wanted)
{
	for (size_t i = 0; i < wanted->n; i++) {
		const struct left_file *f = find_file(got, wanted->v[i].name);

		if (f && f->size && !is_same(f, &wanted->v[i]))
			return f;
	}
	return NULL;
}

/* keylogs.c - files are told by device and inode: a file that was renamed and made anew, as
 * logrotate(8) does, is another one, with a writer of its own. */
#include "proxy/stream/tls/keylogs.h"

#include "proxy/base/mem.h"
#include "proxy/base/writer.h"
#include "proxy/stream/tls/tls.h"

#include <sys/stat.h>

struct keylog {
	struct writer *writer;
	char *name;
	dev_t device;
	ino_t inode;
};

/* A comment, which readers of key logs skip. */
static char *gap_line(void *arg, unsigned long long lines, const char *why)
{
	(void)arg;
	return xasprintf("# %llu %s lost here: %s\n", lines, lines == 1 ? "line is" : "lines are",
			 why);
}

static struct keylog *find_keylog(const struct keylogs *k, const struct stat *st)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].device == st->st_dev && k->v[i].inode == st->st_ino)
			return &k->v[i];
	return NULL;
}

static struct keylog *add_keylog(struct keylogs *k, int fd, const struct stat *st, const char *path,
				 struct err *e)
{
	struct keylog new = {
	    .name = xasprintf("the key log %s", path), .device = st->st_dev, .inode = st->st_ino};
	const struct writer_output o = {.fd = fd, .name = new.name, .gap = gap_line};

	new.writer = writer_new(&o, e);
	if (!new.writer) {
		free(new.name);
		return NULL;
	}
	k->v = xrealloc(k->v, k->n + 1, sizeof(*k->v));
	k->v[k->n] = new;
	return &k->v[k->n++];
}

int keylogs_serve(struct keylogs *k, struct tls *tls, const char *path, struct err *e)
{
	int fd = tls_keylog(tls);
	struct keylog *log;
	struct stat st;

	if (fd == -1)
		return 0;
	if (fstat(fd, &st) == -1)
		return err_errno(e, "keylog: %s", path);
	log = find_keylog(k, &st);
	if (!log)
		log = add_keylog(k, fd, &st, path, e);
	if (!log)
		return -1;
	tls_write_keylog(tls, log->writer);
	return 0;
}

int keylogs_end(struct keylogs *k, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < k->n; i++) {
		struct writer_losses l = writer_end(k->v[i].writer);

		if (l.lines)
			rc = err_set(e, "%s lacks %llu %s: %s", k->v[i].name, l.lines,
				     l.lines == 1 ? "line" : "lines", l.why);
		free(k->v[i].name);
	}
	free(k->v);
	*k = (struct keylogs){NULL, 0};
	return rc;
}

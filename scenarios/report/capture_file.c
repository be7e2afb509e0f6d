/* capture_file.c - raw captures in, one capture with comments and secrets out; packets and time
 * stamps stay as they are. Knows no journal. */
#include "scenarios/report/capture_file.h"

#include "proxy/base/mem.h"
#include "proxy/base/pcapng_blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_BYTES (256u << 10)

/* A block that is still to be written. */
struct item {
	struct pcapng_block block;
	uint32_t add_interface;
	size_t number; /* in the order of the sources and their files */
	char *comment; /* or NULL */
};

struct writer {
	struct item *items;
	size_t n, room;
	uint32_t interfaces; /* of the sources read so far */
	struct pcapng_buf buf;
	FILE *file;
	int failed; /* errno of the first write that failed */
};

int mapped_open(struct mapped *m, const char *path, struct err *e)
{
	/* A program of the user's may write to the folder: it can't lead wedge elsewhere. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	const void *at = "";
	struct stat st;
	int rc = 0;

	*m = (struct mapped){NULL, 0};
	if (fd == -1)
		return err_errno(e, "can't open it");
	if (fstat(fd, &st) == -1)
		rc = err_errno(e, "can't open it");
	else if (!S_ISREG(st.st_mode))
		rc = err_set(e, "it is no ordinary file");
	else if (st.st_size)
		at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		rc = err_errno(e, "can't read it");
	close(fd);
	if (rc == 0)
		*m = (struct mapped){at, (size_t)st.st_size};
	return rc;
}

void mapped_close(struct mapped *m)
{
	if (m->len)
		munmap((void *)m->data, m->len);
	*m = (struct mapped){NULL, 0};
}

static void add(struct writer *w, const struct pcapng_block *b, char *comment)
{
	if (w->n == w->room) {
		w->room = w->room ? 2 * w->room : 256;
		w->items = xrealloc(w->items, w->room, sizeof(*w->items));
	}
	w->items[w->n] = (struct item){*b, w->interfaces, w->n, comment};
	w->n++;
}

/* One section is enough: the first source's. */
static int read_source(struct writer *w, const struct capture_source *s, const char *section,
		       struct err *e)
{
	struct pcapng_walk walk = {.data = s->raw.data, .len = s->raw.len};
	size_t frame = 0, at = 0;
	struct pcapng_block b;
	int got;

	while ((got = pcapng_next(&walk, &b, e)) == 1) {
		if (b.kind == PCAPNG_SECTION && w->n == 0)
			add(w, &b, xstrdup(section));
		else if (b.kind == PCAPNG_PACKET)
			add(w, &b, comments_at(s->comments, &at, frame++));
		else if (b.kind != PCAPNG_SECTION)
			add(w, &b, NULL);
	}
	w->interfaces += walk.interfaces;
	return got;
}

/* The section, the interfaces, the packets by time, then what tells of them all. */
static int rank(const struct item *i)
{
	switch (i->block.kind) {
	case PCAPNG_SECTION:
		return 0;
	case PCAPNG_INTERFACE:
		return 1;
	case PCAPNG_PACKET:
		return 2;
	default:
		return 3;
	}
}

static int by_time(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	if (x->block.kind == PCAPNG_PACKET && x->block.wall_ns != y->block.wall_ns)
		return x->block.wall_ns < y->block.wall_ns ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static void flush(struct writer *w, size_t at_least)
{
	if (w->buf.len < at_least || !w->buf.len)
		return;
	if (fwrite(w->buf.data, 1, w->buf.len, w->file) != w->buf.len && !w->failed)
		w->failed = errno;
	w->buf.len = 0;
}

static void write_items(struct writer *w, const struct mapped *keylog)
{
	bool secrets = keylog->len > 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct item *item = &w->items[i];

		if (secrets && rank(item) >= 2) {
			pcapng_secrets(&w->buf, keylog->data, (uint32_t)keylog->len);
			secrets = false;
		}
		pcapng_copy(&w->buf, &item->block, item->add_interface, item->comment);
		flush(w, FLUSH_BYTES);
	}
	flush(w, 0);
}

static int write_file(struct writer *w, const char *path, const struct mapped *keylog,
		      struct err *e)
{
	char *temporary = xasprintf("%s.new", path);
	int rc = 0;

	w->file = fopen(temporary, "wxe");
	if (!w->file) {
		free(temporary);
		return err_errno(e, "can't write it");
	}
	write_items(w, keylog);
	if (fclose(w->file) != 0 && !w->failed)
		w->failed = errno;
	errno = w->failed;
	if (w->failed || rename(temporary, path) == -1) {
		rc = err_errno(e, "can't write it");
		unlink(temporary);
	}
	free(temporary);
	return rc;
}

int capture_file_write(const char *path, const struct capture_source *sources, size_t n,
		       const char *section, const struct mapped *keylog, struct err *e)
{
	struct writer w = {.n = 0};
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = read_source(&w, &sources[i], section, e);
	if (rc == 0 && w.n > 1)
		qsort(w.items, w.n, sizeof(*w.items), by_time);
	if (rc == 0)
		rc = write_file(&w, path, keylog, e);
	for (size_t i = 0; i < w.n; i++)
		free(w.items[i].comment);
	free(w.items);
	free(w.buf.data);
	return rc;
}

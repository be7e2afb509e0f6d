/* capture_file.c - blocks are listed, sorted by time when there are several sources, and copied;
 * the file appears under its name when it is whole. */
#include "scenarios/annotate/capture_file.h"

#include "proxy/base/mem.h"
#include "scenarios/base/capture_output.h"
#include "scenarios/base/pcapng_blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_BYTES   (256u << 10)
#define SECRETS_BYTES ((size_t)4 << 20)

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
	struct capture_output out;
};

static void add_item(struct writer *w, const struct pcapng_block *b, char *comment)
{
	if (w->n == w->room) {
		w->room = w->room ? 2 * w->room : 256;
		w->items = xrealloc(w->items, w->room, sizeof(*w->items));
	}
	w->items[w->n] = (struct item){*b, w->interfaces, w->n, comment};
	w->n++;
}

/* Lists a source's blocks; the section only of the first source, since one is enough. */
static int read_source(struct writer *w, const struct capture_source *s, const char *section,
		       struct err *e)
{
	struct pcapng_walk walk = {.data = s->raw.data, .len = s->raw.len};
	size_t frame = 0, at = 0;
	struct pcapng_block b;
	int got;

	while ((got = pcapng_next(&walk, &b, e)) == 1) {
		if (b.kind == PCAPNG_SECTION && w->n == 0)
			add_item(w, &b, xstrdup(section));
		else if (b.kind == PCAPNG_PACKET)
			add_item(w, &b, comments_at(s->comments, &at, frame++));
		else if (b.kind != PCAPNG_SECTION)
			add_item(w, &b, NULL);
	}
	w->interfaces += walk.interfaces;
	return got;
}

/* The order of a file: the section, the interfaces, the packets by time, then the statistics. */
static int rank_item(const struct item *i)
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

	if (rank_item(x) != rank_item(y))
		return rank_item(x) - rank_item(y);
	if (x->block.kind == PCAPNG_PACKET && x->block.wall_ns != y->block.wall_ns)
		return x->block.wall_ns < y->block.wall_ns ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* Puts whole lines, in blocks that Wireshark takes (16 MiB at most; it keeps the lines of all of
 * them). */
static void put_secrets(struct writer *w, const struct mapped *keylog)
{
	size_t at = 0;

	while (at < keylog->len) {
		const uint8_t *from = keylog->data + at, *end;
		size_t len = keylog->len - at;

		if (len > SECRETS_BYTES) {
			end = memrchr(from, '\n', SECRETS_BYTES);
			len = end ? (size_t)(end - from) + 1 : SECRETS_BYTES;
		}
		pcapng_secrets(&w->out.buf, from, (uint32_t)len);
		capture_output_flush(&w->out, FLUSH_BYTES);
		at += len;
	}
}

static void write_items(struct writer *w, const struct mapped *keylog)
{
	bool secrets = keylog->len > 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct item *item = &w->items[i];

		if (secrets && rank_item(item) >= 2) {
			put_secrets(w, keylog);
			secrets = false;
		}
		pcapng_copy(&w->out.buf, &item->block, item->add_interface, item->comment);
		capture_output_flush(&w->out, FLUSH_BYTES);
	}
	if (secrets)
		put_secrets(w, keylog);
}

static int write_file(struct writer *w, const char *path, const struct mapped *keylog,
		      struct err *e)
{
	if (capture_output_open(&w->out, path, &capture_kind, e))
		return -1;
	w->out.secret = keylog->len > 0;
	write_items(w, keylog);
	return capture_output_finish(&w->out, e);
}

int capture_file_write(const char *path, const struct capture_source *sources, size_t n,
		       const char *section, const struct mapped *keylog, struct err *e)
{
	struct writer w = {.n = 0};
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = read_source(&w, &sources[i], section, e);
	if (rc == 0 && n > 1 && w.n) /* a single source keeps the order that it has */
		qsort(w.items, w.n, sizeof(*w.items), by_time);
	if (rc == 0)
		rc = write_file(&w, path, keylog, e);
	for (size_t i = 0; i < w.n; i++)
		free(w.items[i].comment);
	free(w.items);
	return rc;
}

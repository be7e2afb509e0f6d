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
#define SOURCES_MAX 2

struct source {
	const struct capture_source *from;
	struct pcapng_walk walk;
	struct pcapng_block block; /* the next one to be written */
	bool over;
	uint32_t first_interface; /* its number in the new file */
	size_t frame, comment;	  /* of the next packet */
};

struct writer {
	struct source source[SOURCES_MAX];
	size_t n;
	struct pcapng_buf buf;
	FILE *file;
	int failed; /* errno of the first write that failed */
};

int mapped_open(struct mapped *m, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at = NULL;

	*m = (struct mapped){NULL, 0};
	if (fd == -1)
		return err_errno(e, "%s", path);
	if (fstat(fd, &st) == -1 || (st.st_size && (at = mmap(NULL, (size_t)st.st_size, PROT_READ,
							      MAP_PRIVATE, fd, 0)) == MAP_FAILED)) {
		err_errno(e, "%s", path);
		close(fd);
		return -1;
	}
	close(fd);
	*m = (struct mapped){at ? at : (const void *)"", (size_t)st.st_size};
	return 0;
}

void mapped_close(struct mapped *m)
{
	if (m->len)
		munmap((void *)(uintptr_t)m->data, m->len);
	*m = (struct mapped){NULL, 0};
}

/* Makes the source's next block the current one. */
static int advance(struct source *s, struct err *e)
{
	int got = pcapng_next(&s->walk, &s->block, e);

	s->over = got != 1;
	return got == -1 ? -1 : 0;
}

static void flush(struct writer *w, size_t at_least)
{
	if (w->buf.len < at_least || !w->buf.len)
		return;
	if (fwrite(w->buf.data, 1, w->buf.len, w->file) != w->buf.len && !w->failed)
		w->failed = errno;
	w->buf.len = 0;
}

static int write_block(struct writer *w, struct source *s, struct err *e)
{
	char *comment = NULL;

	if (s->block.kind == PCAPNG_PACKET && s->from->comments)
		comment = comments_at(s->from->comments, &s->comment, s->frame);
	s->frame += s->block.kind == PCAPNG_PACKET;
	pcapng_copy(&w->buf, &s->block, s->first_interface, comment);
	free(comment);
	flush(w, FLUSH_BYTES);
	return advance(s, e);
}

/* All before the first packet: one section, then the interfaces of every source. */
static int write_heads(struct writer *w, const char *section, struct err *e)
{
	uint32_t interfaces = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct source *s = &w->source[i];

		s->first_interface = interfaces;
		if (advance(s, e) == -1) /* to the section */
			return -1;
		if (i == 0)
			pcapng_copy(&w->buf, &s->block, 0, section);
		if (advance(s, e) == -1)
			return -1;
		while (!s->over && s->block.kind == PCAPNG_INTERFACE)
			if (write_block(w, s, e) == -1)
				return -1;
		interfaces += s->walk.interfaces;
	}
	return 0;
}

/* What is no packet has no time and goes at once. */
static struct source *next_source(struct writer *w)
{
	struct source *best = NULL;

	for (size_t i = 0; i < w->n; i++) {
		struct source *s = &w->source[i];

		if (s->over)
			continue;
		if (s->block.kind != PCAPNG_PACKET)
			return s;
		if (!best || s->block.wall_ns < best->block.wall_ns)
			best = s;
	}
	return best;
}

static int write_all(struct writer *w, const char *section, const struct mapped *keylog,
		     struct err *e)
{
	struct source *s;

	if (write_heads(w, section, e) == -1)
		return -1;
	if (keylog && keylog->len)
		pcapng_secrets(&w->buf, keylog->data, (uint32_t)keylog->len);
	while ((s = next_source(w))) {
		if (w->n > 1 && s->block.kind == PCAPNG_INTERFACE)
			return err_set(e, "has an interface behind other blocks");
		if (write_block(w, s, e) == -1)
			return -1;
	}
	flush(w, 0);
	return 0;
}

int capture_file_write(const char *path, const struct capture_source *sources, size_t n,
		       const char *section, const struct mapped *keylog, struct err *e)
{
	char *temporary = xasprintf("%s.new", path);
	struct writer w = {.n = n, .file = fopen(temporary, "we")};
	int rc = -1;

	BUG_ON(n > SOURCES_MAX);
	for (size_t i = 0; i < n; i++)
		w.source[i] = (struct source){
		    .from = &sources[i],
		    .walk = {.data = sources[i].raw.data, .len = sources[i].raw.len}};
	if (!w.file) {
		err_errno(e, "can't write %s", path);
		goto out;
	}
	rc = write_all(&w, section, keylog, e);
	if (fclose(w.file) != 0 && !w.failed)
		w.failed = errno;
	errno = w.failed;
	if (rc == 0 && (w.failed || rename(temporary, path) == -1))
		rc = err_errno(e, "can't write %s", path);
	if (rc == -1)
		unlink(temporary);
out:
	free(w.buf.data);
	free(temporary);
	return rc;
}

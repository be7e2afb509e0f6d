/* gzip_stream.c - zlib's inflate(), begun anew at each member; what follows the last one is no
 * member and is left alone, as gzip(1) does. */
#include "scenarios/reader/gzip_stream.h"

#include "proxy/base/mem.h"

#include <string.h>
#include <zlib.h>

#define INPUT_BYTES ((size_t)64 << 10)
#define GZIP_ONLY   (15 + 16) /* inflateInit2: the largest window, a gzip header */

struct gzip_stream {
	z_stream z;
	uint8_t *in;
	ssize_t (*read)(void *arg, uint8_t *to, size_t room);
	void *arg;
	bool member; /* inside of one */
};

bool gzip_stream_begins(const uint8_t *start)
{
	return start[0] == 0x1f && start[1] == 0x8b && start[2] == Z_DEFLATED;
}

static void *serve_memory(void *opaque WG_UNUSED, unsigned n, unsigned size)
{
	return xcalloc(n, size);
}

static void free_memory(void *opaque WG_UNUSED, void *p)
{
	free(p);
}

struct gzip_stream *gzip_stream_new(const uint8_t *first, size_t n,
				    ssize_t (*read)(void *arg, uint8_t *to, size_t room), void *arg)
{
	struct gzip_stream *g = xcalloc(1, sizeof(*g));

	g->in = xcalloc(1, n > INPUT_BYTES ? n : INPUT_BYTES);
	memcpy(g->in, first, n);
	g->z.next_in = g->in;
	g->z.avail_in = (uInt)n;
	g->read = read;
	g->arg = arg;
	g->member = true;
	g->z.zalloc = serve_memory;
	g->z.zfree = free_memory;
	BUG_ON(inflateInit2(&g->z, GZIP_ONLY) != Z_OK);
	return g;
}

void gzip_stream_free(struct gzip_stream *g)
{
	if (!g)
		return;
	inflateEnd(&g->z);
	free(g->in);
	free(g);
}

/* Reads until n packed bytes are there or the end comes. -1: read failed. */
static int need_input(struct gzip_stream *g, size_t n)
{
	memmove(g->in, g->z.next_in, g->z.avail_in);
	g->z.next_in = g->in;
	while (g->z.avail_in < n) {
		ssize_t got = g->read(g->arg, g->in + g->z.avail_in, INPUT_BYTES - g->z.avail_in);

		if (got == -1)
			return -1;
		if (got == 0)
			break;
		g->z.avail_in += (uInt)got;
	}
	return 0;
}

/* Begins the next member: 1; 0: there is none; -1: read failed. */
static int next_member(struct gzip_stream *g)
{
	if (g->z.avail_in < GZIP_MAGIC_BYTES && need_input(g, GZIP_MAGIC_BYTES) == -1)
		return -1;
	if (g->z.avail_in < GZIP_MAGIC_BYTES || !gzip_stream_begins(g->z.next_in))
		return 0;
	inflateReset(&g->z);
	g->member = true;
	return 1;
}

ssize_t gzip_stream_read(struct gzip_stream *g, uint8_t *to, size_t room, struct err *e)
{
	int rc;

	g->z.next_out = to;
	g->z.avail_out = room > INT32_MAX ? INT32_MAX : (uInt)room;
	room = g->z.avail_out;
	while (g->z.avail_out == room) {
		if (!g->member && (rc = next_member(g)) <= 0)
			return rc;
		if (!g->z.avail_in && need_input(g, 1) == -1)
			return -1;
		if (!g->z.avail_in)
			return err_set(e, "its gzip data breaks off");
		rc = inflate(&g->z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END)
			g->member = false;
		else if (rc != Z_OK && g->z.avail_out == room)
			return err_set(e, "its gzip data is damaged (%s)",
				       g->z.msg ? g->z.msg : zError(rc));
		else if (rc != Z_OK)
			break; /* what came before the damage first */
	}
	return (ssize_t)(room - g->z.avail_out);
}

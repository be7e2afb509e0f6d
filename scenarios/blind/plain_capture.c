/* plain_capture.c - every capture gets the same section and the same interface; comments, names and
 * secrets stay behind. When it ended is kept: a silence at its end is as long as that tells. */
#include "scenarios/blind/plain_capture.h"

#include "scenarios/base/mapped.h"
#include "scenarios/base/pcapng_blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FLUSH_BYTES ((size_t)1 << 20)
#define SNAPLEN	    262144 /* what tcpdump and dumpcap write when nobody asks for less */
#define INTERFACE   "eth0"

struct copy {
	int fd;
	struct pcapng_buf buf;
	bool begun; /* its interface was written */
	uint64_t packets;
	int64_t until; /* when the capture ended; 0: it doesn't tell */
};

static int flush_copy(struct copy *c, size_t at_least, struct err *e)
{
	size_t done = 0;

	if (c->buf.len < at_least)
		return 0;
	while (done < c->buf.len) {
		ssize_t n = write(c->fd, c->buf.data + done, c->buf.len - done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(e, "a capture can't be written");
		done += (size_t)n;
	}
	c->buf.len = 0;
	return 0;
}

static void put_block(struct copy *c, const struct pcapng_block *b)
{
	if (b->kind == PCAPNG_INTERFACE && !c->begun) {
		pcapng_section(&c->buf, NULL, NULL, NULL);
		pcapng_interface(&c->buf, b->linktype, SNAPLEN, INTERFACE, NULL);
		c->begun = true;
	}
	if (b->kind == PCAPNG_PACKET) {
		pcapng_packet(&c->buf, 0, b->wall_ns, b->packet, b->caplen, b->wire_len, NULL);
		c->packets++;
	}
	if (b->kind == PCAPNG_STATISTICS && b->wall_ns > c->until)
		c->until = b->wall_ns;
}

static int copy_blocks(struct copy *c, const struct mapped *m, struct err *e)
{
	struct pcapng_walk w = {.data = m->data, .len = m->len};
	struct pcapng_block b;
	int rc;

	while ((rc = pcapng_next(&w, &b, e)) == 1) {
		put_block(c, &b);
		if (flush_copy(c, FLUSH_BYTES, e) == -1)
			return -1;
	}
	if (rc == -1)
		return -1;
	if (c->begun && c->until)
		pcapng_statistics(&c->buf, 0, c->until, c->packets, 0);
	return flush_copy(c, 1, e);
}

int plain_capture_write(const char *from, const char *to, struct err *e)
{
	struct mapped m = {NULL};
	struct copy c = {.fd = -1};
	int rc = mapped_open(&m, from, e);

	if (rc == 0) {
		c.fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		rc = c.fd == -1 ? err_errno(e, "a capture can't be made") : copy_blocks(&c, &m, e);
	}
	if (c.fd != -1 && close(c.fd) == -1 && rc == 0)
		rc = err_errno(e, "a capture can't be written");
	mapped_close(&m);
	free(c.buf.data);
	return rc;
}

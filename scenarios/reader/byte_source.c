/* byte_source.c - read() into one buffer, not a mapping: a file that is cut while it is read ends
 * early instead of raising SIGBUS, and a pipe is no other case. */
#include "scenarios/reader/byte_source.h"

#include "proxy/base/mem.h"
#include "scenarios/reader/gzip_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)256 << 10) /* stays in a processor's second cache */
#define MAGIC_BYTES  6			 /* the longest below */

struct byte_source {
	int fd;
	bool shared; /* standard input, an ordinary file: its place isn't moved */
	off_t place; /* of that, where to read */
	uint8_t *buf;
	size_t start, end, room; /* what is ahead is buf[start..end) */
	uint64_t offset;	 /* of buf[start] */
	uint64_t read_bytes, size;
	bool ended, faulty;
	struct err fault;
	struct gzip_stream *gzip; /* NULL: the file isn't packed */
};

/* Packers whose files aren't unpacked here, and who does it. */
static const struct packer {
	const char *magic;
	size_t len;
	const char *name, *unpack;
} packers[] = {
    {"\x28\xb5\x2f\xfd", 4, "zstd", "zstd -dc"},
    {"\xfd"
     "7zXZ",
     5, "xz", "xz -dc"},
    {"BZh", 3, "bzip2", "bzip2 -dc"},
    {"\x04\x22\x4d\x18", 4, "lz4", "lz4 -dc"},
    {"PK\x03\x04", 4, "zip", "unzip -p"},
};

/* Reads from the file: how many bytes, 0 at its end; -1 with s->fault. */
static ssize_t read_file(struct byte_source *s, uint8_t *to, size_t room)
{
	ssize_t got;

	do
		got = s->shared ? pread(s->fd, to, room, s->place) : read(s->fd, to, room);
	while (got == -1 && errno == EINTR);
	if (got == -1) {
		s->faulty = true;
		err_errno(&s->fault, "it can't be read");
	} else {
		s->read_bytes += (uint64_t)got;
		s->place += got;
	}
	return got;
}

static ssize_t read_packed(void *source, uint8_t *to, size_t room)
{
	return read_file(source, to, room);
}

/* Reads what there is, once, behind what is in the buffer. */
static void read_more(struct byte_source *s)
{
	ssize_t got;

	if (s->gzip)
		got = gzip_stream_read(s->gzip, s->buf + s->end, s->room - s->end, &s->fault);
	else
		got = read_file(s, s->buf + s->end, s->room - s->end);
	if (got == -1)
		s->faulty = true;
	if (got <= 0)
		s->ended = true;
	else
		s->end += (size_t)got;
}

size_t byte_source_peek(struct byte_source *s, size_t n, const uint8_t **at)
{
	if (s->end - s->start < n && !s->ended) {
		if (s->room < n) {
			s->room = n;
			s->buf = xrealloc(s->buf, s->room, 1);
		}
		memmove(s->buf, s->buf + s->start, s->end - s->start);
		s->end -= s->start;
		s->start = 0;
		while (s->end < n && !s->ended)
			read_more(s);
	}
	*at = s->buf + s->start;
	return s->end - s->start;
}

bool byte_source_skip(struct byte_source *s, uint64_t n)
{
	while (n) {
		const uint8_t *at;
		size_t there = byte_source_peek(s, 1, &at);

		if (!there)
			return false;
		if (there > n)
			there = (size_t)n;
		s->start += there;
		s->offset += there;
		n -= there;
	}
	return true;
}

uint64_t byte_source_offset(const struct byte_source *s)
{
	return s->offset;
}

const char *byte_source_fault(const struct byte_source *s)
{
	return s->faulty ? s->fault.text : NULL;
}

void byte_source_progress(const struct byte_source *s, uint64_t *done, uint64_t *size)
{
	*done = s->read_bytes;
	*size = s->size;
}

/* Looks at the first bytes: empty, packed by whom? */
static int recognise_packing(struct byte_source *s, const char *path, struct err *e)
{
	const uint8_t *at;
	size_t there = byte_source_peek(s, MAGIC_BYTES, &at);

	if (s->faulty)
		return err_set(e, "%s", s->fault.text);
	if (!there)
		return err_set(e, "it is empty; a pcap or pcapng file is read");
	for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
		const struct packer *p = &packers[i];

		if (there >= p->len && memcmp(at, p->magic, p->len) == 0)
			return err_set(
			    e, "it is packed by %s; gzip is unpacked here, else: %s %s | ... -",
			    p->name, p->unpack, strcmp(path, "-") == 0 ? "" : path);
	}
	if (there < GZIP_MAGIC_BYTES || !gzip_stream_begins(at))
		return 0;
	s->gzip = gzip_stream_new(at, there, read_packed, s);
	s->start = s->end = 0;
	s->ended = false;
	return 0;
}

static int open_file(struct byte_source *s, const char *path, struct err *e)
{
	struct stat st;

	if (strcmp(path, "-") == 0) {
		s->fd = STDIN_FILENO;
		if (isatty(s->fd))
			return err_set(e, "standard input is a terminal; "
					  "a capture is expected there, as of tcpdump -w -");
	} else {
		s->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (s->fd == -1 || fstat(s->fd, &st) == -1)
		return err_errno(e, "it can't be opened");
	if (S_ISDIR(st.st_mode))
		return err_set(e, "it is a folder; a pcap or pcapng file is read");
	if (!S_ISREG(st.st_mode))
		return 0;
	s->shared = s->fd == STDIN_FILENO;
	if (s->shared)
		s->place = lseek(s->fd, 0, SEEK_CUR);
	if (st.st_size > s->place)
		s->size = (uint64_t)(st.st_size - s->place);
	return 0;
}

int byte_source_open(const char *path, struct byte_source **out, struct err *e)
{
	struct byte_source *s = xcalloc(1, sizeof(*s));

	s->fd = -1;
	s->room = BUFFER_BYTES;
	s->buf = xcalloc(1, s->room);
	if (open_file(s, path, e) == -1 || recognise_packing(s, path, e) == -1) {
		byte_source_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void byte_source_close(struct byte_source *s)
{
	if (!s)
		return;
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	gzip_stream_free(s->gzip);
	free(s->buf);
	free(s);
}

/* line_ring.c - two counters that only grow; each has one process that writes it. */
#include "proxy/base/line_ring.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *map_shared(void *at, size_t len, int flags, int fd)
{
	return mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);
}

/* The second mapping continues the first, at addresses that were free until now. */
static char *map_twice(int fd, size_t room)
{
	char *data =
	    mmap(NULL, 2 * room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (data == MAP_FAILED)
		return NULL;
	if (map_shared(data, room, MAP_FIXED, fd) != MAP_FAILED &&
	    map_shared(data + room, room, MAP_FIXED, fd) != MAP_FAILED)
		return data;
	munmap(data, 2 * room);
	return NULL;
}

struct line_ring *line_ring_new(size_t room, struct err *e)
{
	struct line_ring *r = map_shared(NULL, sizeof(*r), MAP_ANONYMOUS, -1);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd;

	if (r == MAP_FAILED) {
		err_errno(e, "memory for a writer");
		return NULL;
	}
	r->room = (room + page - 1) / page * page;
	fd = memfd_create("wedge-lines", MFD_CLOEXEC);
	if (fd != -1 && ftruncate(fd, (off_t)r->room) == 0)
		r->data = map_twice(fd, r->room);
	if (!r->data) {
		err_errno(e, "memory for a writer");
		munmap(r, sizeof(*r));
		r = NULL;
	}
	if (fd != -1)
		close(fd);
	return r;
}

void line_ring_free(struct line_ring *r)
{
	if (!r)
		return;
	munmap(r->data, 2 * r->room);
	munmap(r, sizeof(*r));
}

bool line_ring_put(struct line_ring *r, const char *data, size_t len)
{
	uint64_t put = atomic_load(&r->put);

	if (len > r->room - (size_t)(put - atomic_load(&r->taken)))
		return false;
	memcpy(r->data + put % r->room, data, len);
	atomic_store(&r->put, put + len);
	return true;
}

size_t line_ring_look(const struct line_ring *r, const char **data)
{
	uint64_t taken = atomic_load(&r->taken);

	*data = r->data + taken % r->room;
	return (size_t)(atomic_load(&r->put) - taken);
}

void line_ring_take(struct line_ring *r, size_t len)
{
	atomic_fetch_add(&r->taken, len);
}

void line_ring_lose(struct line_ring *r, uint64_t lines, int why)
{
	atomic_fetch_add(&r->lost, lines);
	atomic_store(&r->why, why);
}

uint64_t line_ring_count(const char *data, size_t len)
{
	uint64_t n = 0;

	for (const char *at = data; (at = memchr(at, '\n', (size_t)(data + len - at))); at++)
		n++;
	return n;
}

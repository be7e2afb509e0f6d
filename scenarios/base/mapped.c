/* mapped.c - what isn't an ordinary file is refused. */
#include "scenarios/base/mapped.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int mapped_file(struct mapped *m, int fd, struct err *e)
{
	const void *at = "";
	struct stat st;

	*m = (struct mapped){NULL, 0};
	if (fstat(fd, &st) == -1)
		return err_errno(e, "can't open it");
	if (!S_ISREG(st.st_mode))
		return err_set(e, "it is no ordinary file");
	if (st.st_size)
		at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return err_errno(e, "can't read it");
	*m = (struct mapped){at, (size_t)st.st_size};
	return 0;
}

int mapped_open(struct mapped *m, const char *path, struct err *e)
{
	/* A program of the user's may write to the folder: it can't lead wedge elsewhere. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc;

	*m = (struct mapped){NULL, 0};
	if (fd == -1)
		return err_errno(e, "can't open it");
	rc = mapped_file(m, fd, e);
	close(fd);
	return rc;
}

void mapped_close(struct mapped *m)
{
	if (m->len)
		munmap((void *)m->data, m->len);
	*m = (struct mapped){NULL, 0};
}

/* descriptors.c - close_range(2), setrlimit(2), and fcntl(2) to try how many there are. */
#include "proxy/ns/descriptors.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static int fd_compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void descriptors_keep(int *keep, size_t n)
{
	unsigned int from = STDERR_FILENO + 1;

	qsort(keep, n, sizeof(*keep), fd_compare);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned int)keep[i] > from)
			close_range(from, (unsigned int)keep[i] - 1, 0);
		from = (unsigned int)keep[i] + 1;
	}
	close_range(from, UINT_MAX, 0);
}

enum { NEED_MAX = 64 };

int descriptors_need(unsigned n, struct err *e)
{
	int probe[NEED_MAX];
	unsigned opened = 0;
	struct rlimit limit = {0};

	BUG_ON(n > NEED_MAX);
	while (opened < n) {
		probe[opened] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
		if (probe[opened] == -1)
			break;
		opened++;
	}
	for (unsigned i = 0; i < opened; i++)
		close(probe[i]);
	if (opened == n)
		return 0;
	getrlimit(RLIMIT_NOFILE, &limit);
	return err_set(e,
		       "%u more descriptors can be opened, and at least %u are needed; this "
		       "process may have %llu, 'ulimit -n %llu' or more would do",
		       opened, n, (unsigned long long)limit.rlim_cur,
		       (unsigned long long)limit.rlim_cur + n - opened);
}

void descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* fail_nth.c - preloaded, makes the Nth call of one function fail, as a kernel or allocator without
 * means does; which and when a test says in a file that both have mapped (struct plan;
 * fail_rig.py). Only calls through the dynamic linker are seen. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* As fail_rig.py packs it. */
struct plan {
	char function[24];
	uint32_t error;	 /* errno of the call that fails */
	uint32_t pid;	 /* whose calls count; 0: of the first process that maps it */
	uint32_t armed;	 /* whether calls count now */
	uint32_t at;	 /* which one fails; 0: none */
	uint32_t calls;	 /* so far */
	uint32_t failed; /* whether it has */
};

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static struct plan *plan;

__attribute__((constructor)) static void map_plan(void)
{
	const char *path = getenv("WEDGE_FAIL_PLAN");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p = fd == -1 ? MAP_FAILED
			   : mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd != -1)
		close(fd);
	if (p == MAP_FAILED)
		return;
	plan = p;
	if (!plan->pid)
		plan->pid = (uint32_t)getpid();
}

/* Whether this call is the one; errno is set then. */
static int must_fail(const char *function)
{
	if (!plan || !plan->armed || strcmp(plan->function, function) != 0 ||
	    plan->pid != (uint32_t)getpid())
		return 0;
	if (__atomic_add_fetch(&plan->calls, 1, __ATOMIC_SEQ_CST) != plan->at)
		return 0;
	plan->failed = 1;
	errno = (int)plan->error;
	return 1;
}

void *malloc(size_t size)
{
	return must_fail("malloc") ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return must_fail("malloc") ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return must_fail("malloc") ? NULL : __libc_realloc(p, size);
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, all);
}

/* A function of the C library that fails with -1. */
#define FAILING(type, name, parameters, ...)                                                       \
	type name parameters                                                                       \
	{                                                                                          \
		static type(*real) parameters;                                                     \
                                                                                                   \
		if (must_fail(#name))                                                              \
			return -1;                                                                 \
		if (!real)                                                                         \
			*(void **)&real = dlsym(RTLD_NEXT, #name);                                 \
		return real(__VA_ARGS__);                                                          \
	}

FAILING(int, socket, (int domain, int kind, int protocol), domain, kind, protocol)
FAILING(int, bind, (int fd, __CONST_SOCKADDR_ARG to, socklen_t n), fd, to, n)
FAILING(int, listen, (int fd, int backlog), fd, backlog)
FAILING(int, accept4, (int fd, __SOCKADDR_ARG from, socklen_t *n, int flags), fd, from, n, flags)
FAILING(int, connect, (int fd, __CONST_SOCKADDR_ARG to, socklen_t n), fd, to, n)
FAILING(int, pipe2, (int fds[2], int flags), fds, flags)
FAILING(int, getsockname, (int fd, __SOCKADDR_ARG to, socklen_t *n), fd, to, n)
FAILING(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *n), fd, level, name,
	value, n)
FAILING(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t n), fd, level,
	name, value, n)
FAILING(int, eventfd, (unsigned from, int flags), from, flags)
FAILING(int, timerfd_create, (int clock, int flags), clock, flags)
FAILING(int, epoll_create1, (int flags), flags)
FAILING(ssize_t, splice, (int in, off_t *at, int out, off_t *to, size_t n, unsigned flags), in, at,
	out, to, n, flags)
FAILING(ssize_t, recv, (int fd, void *to, size_t n, int flags), fd, to, n, flags)
FAILING(ssize_t, recvfrom,
	(int fd, void *to, size_t n, int flags, __SOCKADDR_ARG from, socklen_t *len), fd, to, n,
	flags, from, len)
FAILING(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), fd, m, flags)
FAILING(ssize_t, readv, (int fd, const struct iovec *v, int n), fd, v, n)
FAILING(ssize_t, writev, (int fd, const struct iovec *v, int n), fd, v, n)
FAILING(ssize_t, send, (int fd, const void *from, size_t n, int flags), fd, from, n, flags)
FAILING(ssize_t, sendto,
	(int fd, const void *from, size_t n, int flags, __CONST_SOCKADDR_ARG to, socklen_t len), fd,
	from, n, flags, to, len)
FAILING(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), fd, m, flags)

/* A kernel may refuse to watch one more descriptor; what it watches it can change and forget. */
int epoll_ctl(int fd, int op, int of, struct epoll_event *ev)
{
	static int (*real)(int fd, int op, int of, struct epoll_event *ev);

	if (op == EPOLL_CTL_ADD && must_fail("epoll_ctl"))
		return -1;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "epoll_ctl");
	return real(fd, op, of, ev);
}

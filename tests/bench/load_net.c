/* load_net.c - whatever fails ends the program: a figure from a half-broken generator would be
 * worse than none. */
#include "tests/bench/load_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 16384

void load_die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

int64_t load_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct sockaddr_in load_address(const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN];

	errno = EINVAL;
	if (!colon || (size_t)(colon - text) >= sizeof(host))
		load_die(text);
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		load_die(text);
	address.sin_port = htons((uint16_t)load_number(colon + 1));
	return address;
}

static void set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) == -1)
		load_die("setsockopt");
}

int load_listen(const char *text)
{
	struct sockaddr_in address = load_address(text);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd == -1)
		load_die("socket");
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    listen(fd, BACKLOG) == -1)
		load_die(text);
	return fd;
}

int load_dial(const char *text)
{
	struct sockaddr_in address = load_address(text);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1)
		load_die("socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
		load_die(text);
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		load_die("fcntl");
	return fd;
}

void load_reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

int load_epoll(void)
{
	int fd = epoll_create1(0);

	if (fd == -1)
		load_die("epoll_create1");
	return fd;
}

void load_watch(int epoll, int fd, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) == -1)
		load_die("epoll_ctl");
}

void *load_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		load_die("mmap");
	return p;
}

void load_raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

double load_number(const char *word)
{
	char *end;
	double value = strtod(word, &end);

	errno = EINVAL;
	if (end == word || *end || value < 0)
		load_die(word);
	return value;
}

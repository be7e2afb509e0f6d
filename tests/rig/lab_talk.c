/* lab_talk.c - write-write-read exchanges over one connection, timed by the client. */
#include "tests/rig/lab_talk.h"

#include "proxy/base/addr.h"
#include "proxy/base/clock.h"
#include "scenarios/base/msg.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT	     8080
#define REQUEST_SIZE 64
#define FIRST_WRITE  180
#define SECOND_WRITE 220
#define BULK_SIZE    (1 << 20)

_Noreturn void talk_fail(const char *what, const struct err *e)
{
	fprintf(stderr, "lab_probe: %s: %s\n", what, e ? e->text : strerror(errno));
	exit(2);
}

static int read_full(int fd, size_t len)
{
	char buf[4096];

	while (len) {
		ssize_t n = read(fd, buf, len < sizeof(buf) ? len : sizeof(buf));

		if (n <= 0)
			return -1;
		len -= (size_t)n;
	}
	return 0;
}

int talk_server(void *arg, int msg_fd)
{
	const struct talk *t = arg;
	static const char data[BULK_SIZE];
	struct addr a;
	int l, fd;

	if (addr_parse_host(t->address, PORT, &a, NULL))
		return 2;
	l = socket(a.sa.sa_family, SOCK_STREAM, 0);
	if (bind(l, &a.sa, a.len) || listen(l, 1) || msg_send(msg_fd, "ready", NULL)) {
		close(l);
		return 3;
	}
	fd = accept(l, NULL, NULL);
	while (read_full(fd, REQUEST_SIZE) == 0) {
		if (t->bulk && write(fd, data, BULK_SIZE) != BULK_SIZE)
			return 4;
		if (!t->bulk && (write(fd, data, FIRST_WRITE) != FIRST_WRITE ||
				 write(fd, data, SECOND_WRITE) != SECOND_WRITE))
			return 5;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int talk_shell(void *arg, int msg_fd)
{
	(void)msg_fd;
	execl("/bin/sh", "sh", "-c", (const char *)arg, (char *)NULL);
	return 127;
}

/* Runs a shell command to its end; its exit status. */
static int shell_run(char *command)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(talk_shell(command, -1));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

int talk_client(void *arg, int msg_fd)
{
	const struct talk *t = arg;
	static int64_t took[TALK_COUNT_MAX];
	int64_t median;
	char request[REQUEST_SIZE] = {0};
	struct addr a;
	json_t *start;
	struct err e;
	int fd;

	if (addr_parse_host(t->address, PORT, &a, &e) || msg_recv(msg_fd, -1, &start, &e) != 1)
		return 2;
	json_decref(start);
	if (t->before && shell_run(t->before))
		return 3;
	fd = socket(a.sa.sa_family, SOCK_STREAM, 0);
	if (connect(fd, &a.sa, a.len))
		return 4;
	for (int i = 0; i < t->count; i++) {
		int64_t began = clock_now(&clock_monotonic);

		if (write(fd, request, sizeof(request)) != sizeof(request) ||
		    read_full(fd, t->bulk ? BULK_SIZE : FIRST_WRITE + SECOND_WRITE))
			return 5;
		took[i] = clock_now(&clock_monotonic) - began;
	}
	close(fd);
	qsort(took, (size_t)t->count, sizeof(took[0]), compare);
	median = took[t->count / 2];
	return msg_send(msg_fd, "result", "s:f, s:f, s:f", "min_ms", (double)took[0] / 1e6,
			"median_ms", (double)median / 1e6, "max_ms",
			(double)took[t->count - 1] / 1e6);
}

/* Waits for one message of the type; its object. */
json_t *talk_expect(int fd, const char *type)
{
	struct err e;
	json_t *m;

	if (msg_recv(fd, 30000, &m, &e) != 1)
		talk_fail(type, &e);
	if (strcmp(msg_type(m), type) != 0)
		talk_fail(json_dumps(m, 0), &(struct err){"not expected"});
	return m;
}

void talk_hear(int fd, const char *type)
{
	json_decref(talk_expect(fd, type));
}

void print_json(const json_t *j)
{
	json_dumpf(j, stdout, JSON_INDENT(1));
	putchar('\n');
}

void print_result(int fd)
{
	json_t *result = talk_expect(fd, "result");

	print_json(result);
	json_decref(result);
}

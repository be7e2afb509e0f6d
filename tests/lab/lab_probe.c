/* lab_probe.c - builds labs and drives plain sockets through them, for the scripts of tests/lab. */
#include "proxy/base/addr.h"
#include "proxy/base/clock.h"
#include "proxy/base/units.h"
#include "scenarios/base/msg.h"
#include "scenarios/capture/tap.h"
#include "scenarios/lab/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT	     8080
#define COUNT_MAX    1000
#define REQUEST_SIZE 64
#define FIRST_WRITE  180
#define SECOND_WRITE 220
#define BULK_SIZE    (1 << 20)

/* A conversation of write-write-read exchanges between two roles. */
struct talk {
	const char *address; /* the server's */
	int count;
	bool bulk;    /* one large answer instead of exchanges */
	char *before; /* shell command in the client's role, or NULL */
};

static void fail(const char *what, const struct err *e)
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

static int server_main(void *arg, int msg_fd)
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

static int shell_main(void *arg, int msg_fd)
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
		_exit(shell_main(command, -1));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int client_main(void *arg, int msg_fd)
{
	const struct talk *t = arg;
	static int64_t took[COUNT_MAX];
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

static int dropped_main(void *arg, int msg_fd)
{
	struct err e;

	if (lab_drop_privileges(&e)) {
		fprintf(stderr, "lab_probe: %s\n", e.text);
		return 126;
	}
	return shell_main(arg, msg_fd);
}

/* Returns 7 when no descriptor is open but the standard ones and its own, else the stranger. */
static int descriptors_main(void *arg, int msg_fd)
{
	(void)arg;
	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
		if (fd != msg_fd && fcntl(fd, F_GETFD) != -1)
			return fd;
	return fcntl(msg_fd, F_GETFD) == -1 ? 1 : 7;
}

static int kill_main(void *arg, int msg_fd)
{
	(void)arg;
	(void)msg_fd;
	return raise(SIGKILL);
}

/* Waits for one message of the type; its object. */
static json_t *expect(int fd, const char *type)
{
	struct err e;
	json_t *m;

	if (msg_recv(fd, 30000, &m, &e) != 1)
		fail(type, &e);
	if (strcmp(msg_type(m), type) != 0)
		fail(json_dumps(m, 0), &(struct err){"not expected"});
	return m;
}

static void hear(int fd, const char *type)
{
	json_decref(expect(fd, type));
}

static int reap_one(struct lab *lab, int *status)
{
	struct pollfd p = {lab_fd(lab), POLLIN, 0};

	if (poll(&p, 1, 10000) != 1)
		fail("no role has ended", NULL);
	return lab_reap(lab, status);
}

static struct lab *start(struct lab_role *roles, size_t n, bool forward)
{
	const struct lab_spec spec = {.forward = forward, .congestion = "reno"};
	struct lab *lab;
	struct err e;

	if (lab_start(&spec, roles, n, &lab, &e))
		fail("lab_start", &e);
	return lab;
}

static void print_json(const json_t *j)
{
	json_dumpf(j, stdout, JSON_INDENT(1));
	putchar('\n');
}

static void print_result(int fd)
{
	json_t *result = expect(fd, "result");

	print_json(result);
	json_decref(result);
}

static size_t count_parse(const char *text)
{
	struct err e;
	uint64_t n;

	if (parse_count(text, &n, &e) || n < 1 || n > COUNT_MAX)
		fail(text, &(struct err){"a count from 1 to 1000 is wanted"});
	return n;
}

/* lab_probe build N: how long starting and stopping take, and the environment. */
static int cmd_build(int argc, char **argv)
{
	size_t n = argc > 0 ? count_parse(argv[0]) : 1;

	for (size_t i = 0; i < n; i++) {
		int64_t t0 = clock_now(&clock_monotonic), t1;
		struct lab *lab = start(NULL, 0, true);

		t1 = clock_now(&clock_monotonic);
		if (i == n - 1)
			print_json(lab_environment(lab));
		lab_stop(lab);
		fprintf(stderr, "start %.1f ms, stop %.1f ms\n", (double)(t1 - t0) / 1e6,
			(double)(clock_now(&clock_monotonic) - t1) / 1e6);
	}
	return 0;
}

static enum lab_host host_named(const char *name)
{
	return *name == 'c' ? LAB_CLIENT : *name == 'w' ? LAB_WEDGE : LAB_SERVER;
}

/* lab_probe run|drop HOST COMMAND: a shell command as a role; its exit status. */
static int cmd_shell(int argc, char **argv, int (*main_fn)(void *, int))
{
	struct lab_role role = {.name = "shell", .main = main_fn};
	struct lab *lab;
	int status;

	if (argc < 2)
		return 2;
	role.host = host_named(argv[0]);
	role.arg = argv[1];
	lab = start(&role, 1, true);
	if (reap_one(lab, &status))
		return 2;
	lab_stop(lab);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* lab_probe exchange explicit|forward 4|6 COUNT [tap FILE] [on IF] [filter F] [bulk] [before
 * COMMAND] */
static int cmd_exchange(int argc, char **argv)
{
	bool forward = argc > 2 && strcmp(argv[0], "forward") == 0,
	     v6 = argc > 2 && *argv[1] == '6';
	struct talk t = {.count = argc > 2 ? (int)count_parse(argv[2]) : 0};
	struct tap_config tap = {.interface = LAB_WEDGE_CLIENT_IF, .description = "client leg"};
	struct lab_role roles[] = {
	    {.name = "server",
	     .host = forward ? LAB_SERVER : LAB_WEDGE,
	     .main = server_main,
	     .arg = &t},
	    {.name = "client", .host = LAB_CLIENT, .main = client_main, .arg = &t},
	    {.name = "tap", .host = LAB_WEDGE, .main = tap_main, .arg = &tap},
	};
	struct lab *lab;

	if (argc < 3)
		return 2;
	if (forward)
		t.address = v6 ? LAB_SERVER_IP6 : LAB_SERVER_IP;
	else
		t.address = v6 ? LAB_WEDGE_CLIENT_IP6 : LAB_WEDGE_CLIENT_IP;
	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[i], "bulk") == 0)
			t.bulk = true;
		else if (i + 1 < argc && strcmp(argv[i], "before") == 0)
			t.before = argv[++i];
		else if (i + 1 < argc && strcmp(argv[i], "tap") == 0)
			snprintf(tap.path, sizeof(tap.path), "%s", argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "on") == 0)
			snprintf(tap.interface, sizeof(tap.interface), "%s", argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "filter") == 0)
			snprintf(tap.filter, sizeof(tap.filter), "%s", argv[++i]);
	}
	lab = start(roles, tap.path[0] ? 3 : 2, forward);
	hear(roles[0].msg_fd, "ready");
	if (tap.path[0])
		hear(roles[2].msg_fd, "ready");
	if (msg_send(roles[1].msg_fd, "start", NULL))
		fail("start", NULL);
	print_result(roles[1].msg_fd);
	if (tap.path[0]) {
		if (msg_send(roles[2].msg_fd, "stop", NULL))
			fail("stop", NULL);
		print_result(roles[2].msg_fd);
	}
	lab_stop(lab);
	return 0;
}

/* lab_probe hold: a lab with busy roles, an orphan and a daemon, until it is killed. */
static int cmd_hold(void)
{
	char daemon[] = "setsid sleep 1000 & sleep 1000 & exit 0", sleeper[] = "exec sleep 1000";
	struct lab_role roles[] = {
	    {.name = "daemons", .host = LAB_SERVER, .main = shell_main, .arg = daemon},
	    {.name = "sleeper", .host = LAB_CLIENT, .main = shell_main, .arg = sleeper},
	};
	struct lab *lab = start(roles, ARRAY_LEN(roles), false);
	int status;

	if (reap_one(lab, &status) != 0)
		return 2;
	puts("ready");
	fflush(stdout);
	pause();
	lab_stop(lab);
	return 0;
}

/* lab_probe ends: a role has its own descriptors only, each way it can end is told, once. */
static int cmd_ends(void)
{
	int status, seen = 0, stranger = dup(STDOUT_FILENO);
	char sleeper[] = "exec sleep 1000", orphan[] = "(sleep 0.1; exit 3) & exit 4";
	json_t *msg;
	struct err e;
	struct lab_role roles[] = {
	    {.name = "returns", .host = LAB_CLIENT, .main = descriptors_main},
	    {.name = "killed", .host = LAB_WEDGE, .main = kill_main},
	    {.name = "orphan", .host = LAB_SERVER, .main = shell_main, .arg = orphan},
	    {.name = "stays", .host = LAB_SERVER, .main = shell_main, .arg = sleeper},
	};
	struct lab *lab = start(roles, ARRAY_LEN(roles), false);

	for (int i = 0; i < 3; i++) {
		int role = reap_one(lab, &status);

		seen |= 1 << role;
		if (role == 0 && status != 7 << 8)
			fail("descriptors", &(struct err){"a role has more than its own"});
		if ((role == 1 && status != SIGKILL) || (role == 2 && status != 4 << 8))
			fail("wrong status", &(struct err){"role ended otherwise"});
	}
	if (seen != 7 || lab_reap(lab, &status) != -1)
		fail("wrong roles", &(struct err){"not the three that ended"});
	if (msg_recv(roles[0].msg_fd, 5000, &msg, &e) != -1)
		fail("message socket", &(struct err){"still open though its role has ended"});
	close(stranger);
	lab_stop(lab);
	return 0;
}

/* lab_probe lost: a lab whose first process somebody kills; its roles count as killed. */
static int cmd_lost(void)
{
	char sleeper[] = "exec sleep 1000";
	struct lab_role roles[] = {
	    {.name = "one", .host = LAB_SERVER, .main = shell_main, .arg = sleeper},
	    {.name = "two", .host = LAB_CLIENT, .main = shell_main, .arg = sleeper},
	};
	struct lab *lab = start(roles, ARRAY_LEN(roles), false);
	int status;

	puts("ready");
	fflush(stdout);
	for (int i = 0; i < 2; i++)
		if (reap_one(lab, &status) != i || status != SIGKILL)
			fail("lost lab", &(struct err){"a role isn't told as killed"});
	if (lab_reap(lab, &status) != -1)
		fail("lost lab", &(struct err){"a role is told twice"});
	lab_stop(lab);
	return 0;
}

/* lab_probe two: two labs of one runner, at once; the second outlives the first. */
static int cmd_two(void)
{
	struct talk t = {.address = LAB_SERVER_IP, .count = 20};
	struct lab_role roles[2][2];
	struct lab *labs[2];

	for (int i = 0; i < 2; i++) {
		roles[i][0] = (struct lab_role){"server", LAB_SERVER, server_main, &t, -1};
		roles[i][1] = (struct lab_role){"client", LAB_CLIENT, client_main, &t, -1};
		labs[i] = start(roles[i], 2, true);
		hear(roles[i][0].msg_fd, "ready");
	}
	for (int i = 0; i < 2; i++)
		if (msg_send(roles[i][1].msg_fd, "start", NULL))
			fail("start", NULL);
	for (int i = 0; i < 2; i++) {
		hear(roles[i][1].msg_fd, "result");
		lab_stop(labs[i]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *cmd = argc > 1 ? argv[1] : "";
	struct err e;

	if (strcmp(cmd, "build") == 0)
		return cmd_build(argc - 2, argv + 2);
	if (strcmp(cmd, "run") == 0)
		return cmd_shell(argc - 2, argv + 2, shell_main);
	if (strcmp(cmd, "drop") == 0)
		return cmd_shell(argc - 2, argv + 2, dropped_main);
	if (strcmp(cmd, "exchange") == 0)
		return cmd_exchange(argc - 2, argv + 2);
	if (strcmp(cmd, "hold") == 0)
		return cmd_hold();
	if (strcmp(cmd, "ends") == 0)
		return cmd_ends();
	if (strcmp(cmd, "lost") == 0)
		return cmd_lost();
	if (strcmp(cmd, "two") == 0)
		return cmd_two();
	if (strcmp(cmd, "probe") == 0) {
		if (lab_probe(&e) == 0)
			return 0;
		puts(e.text);
		return 2;
	}
	fputs("usage: lab_probe build|run|drop|exchange|hold|ends|lost|two|probe ...\n", stderr);
	return 2;
}

/* lab_probe.c - builds labs and drives plain sockets through them, for the scripts of tests/lab. */
#include "proxy/base/addr.h"
#include "proxy/base/clock.h"
#include "proxy/base/units.h"
#include "scenarios/base/msg.h"
#include "scenarios/capture/tap.h"
#include "scenarios/lab/lab.h"
#include "scenarios/lab/lab_address.h"
#include "tests/rig/lab_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int dropped_main(void *arg, int msg_fd)
{
	struct err e;

	if (lab_drop_privileges(&e)) {
		fprintf(stderr, "lab_probe: %s\n", e.text);
		return 126;
	}
	return talk_shell(arg, msg_fd);
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

static int reap_one(struct lab *lab, int *status)
{
	struct pollfd p = {lab_fd(lab), POLLIN, 0};

	if (poll(&p, 1, 10000) != 1)
		talk_fail("no role has ended", NULL);
	return lab_reap(lab, status);
}

static struct lab *start(struct lab_role *roles, size_t n, bool forward)
{
	/* The pins that a scenario of delayed ACKs asks for. */
	const struct lab_spec spec = {
	    .forward = forward, .congestion = "reno", .quickack = true, .rto_min_ms = 400};
	struct lab *lab;
	struct err e;

	if (lab_start(&spec, roles, n, &lab, &e))
		talk_fail("lab_start", &e);
	return lab;
}

static size_t count_parse(const char *text)
{
	struct err e;
	uint64_t n;

	if (parse_count(text, &n, &e) || n < 1 || n > TALK_COUNT_MAX)
		talk_fail(text, &(struct err){"a count from 1 to 1000 is wanted"});
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
	     .main = talk_server,
	     .arg = &t},
	    {.name = "client", .host = LAB_CLIENT, .main = talk_client, .arg = &t},
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
	talk_hear(roles[0].msg_fd, "ready");
	if (tap.path[0])
		talk_hear(roles[2].msg_fd, "ready");
	if (msg_send(roles[1].msg_fd, "start", NULL))
		talk_fail("start", NULL);
	print_result(roles[1].msg_fd);
	if (tap.path[0]) {
		if (msg_send(roles[2].msg_fd, "stop", NULL))
			talk_fail("stop", NULL);
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
	    {.name = "daemons", .host = LAB_SERVER, .main = talk_shell, .arg = daemon},
	    {.name = "sleeper", .host = LAB_CLIENT, .main = talk_shell, .arg = sleeper},
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
	    {.name = "orphan", .host = LAB_SERVER, .main = talk_shell, .arg = orphan},
	    {.name = "stays", .host = LAB_SERVER, .main = talk_shell, .arg = sleeper},
	};
	struct lab *lab = start(roles, ARRAY_LEN(roles), false);

	for (int i = 0; i < 3; i++) {
		int role = reap_one(lab, &status);

		seen |= 1 << role;
		if (role == 0 && status != 7 << 8)
			talk_fail("descriptors", &(struct err){"a role has more than its own"});
		if ((role == 1 && status != SIGKILL) || (role == 2 && status != 4 << 8))
			talk_fail("wrong status", &(struct err){"role ended otherwise"});
	}
	if (seen != 7 || lab_reap(lab, &status) != -1)
		talk_fail("wrong roles", &(struct err){"not the three that ended"});
	if (msg_recv(roles[0].msg_fd, 5000, &msg, &e) != -1)
		talk_fail("message socket", &(struct err){"still open though its role has ended"});
	close(stranger);
	lab_stop(lab);
	return 0;
}

/* lab_probe lost: a lab whose first process somebody kills; its roles count as killed. */
static int cmd_lost(void)
{
	char sleeper[] = "exec sleep 1000";
	struct lab_role roles[] = {
	    {.name = "one", .host = LAB_SERVER, .main = talk_shell, .arg = sleeper},
	    {.name = "two", .host = LAB_CLIENT, .main = talk_shell, .arg = sleeper},
	};
	struct lab *lab = start(roles, ARRAY_LEN(roles), false);
	int status;

	puts("ready");
	fflush(stdout);
	for (int i = 0; i < 2; i++)
		if (reap_one(lab, &status) != i || status != SIGKILL)
			talk_fail("lost lab", &(struct err){"a role isn't told as killed"});
	if (lab_reap(lab, &status) != -1)
		talk_fail("lost lab", &(struct err){"a role is told twice"});
	lab_stop(lab);
	return 0;
}

/* lab_probe two: two labs of one runner, at once; the second outlives the first. */
static int cmd_two(void)
{
	struct talk t = {.address = LAB_SERVER_IP, .count = 20};
	const struct lab_role server = {"server", LAB_SERVER, talk_server, &t, .msg_fd = -1};
	const struct lab_role client = {"client", LAB_CLIENT, talk_client, &t, .msg_fd = -1};
	struct lab_role roles[2][2];
	struct lab *labs[2];

	for (int i = 0; i < 2; i++) {
		roles[i][0] = server;
		roles[i][1] = client;
		labs[i] = start(roles[i], 2, true);
		talk_hear(roles[i][0].msg_fd, "ready");
	}
	for (int i = 0; i < 2; i++)
		if (msg_send(roles[i][1].msg_fd, "start", NULL))
			talk_fail("start", NULL);
	for (int i = 0; i < 2; i++) {
		talk_hear(roles[i][1].msg_fd, "result");
		lab_stop(labs[i]);
	}
	return 0;
}

enum { BOB = LAB_HOST_COUNT, EDGE };

/* lab_probe hosts 4|6 [FILE]: a second host on each side, of which the client's is unplugged while
 * the first ones talk. Prints the environment, then both clients' results; captures client0. */
static int cmd_hosts(int argc, char **argv)
{
	static const struct lab_sysctl plain[] = {{"net.ipv4.tcp_timestamps", "0"}, {NULL, NULL}};
	static const struct lab_host_spec hosts[] = {{"bob", LAB_CLIENT_SIDE, plain, 0},
						     {"edge", LAB_SERVER_SIDE, NULL, 0}};
	const struct lab_spec spec = {.forward = true,
				      .congestion = "reno",
				      .hosts = hosts,
				      .nhosts = ARRAY_LEN(hosts),
				      .pluggable = true};
	bool v6 = argc > 0 && *argv[0] == '6';
	char server_ip[LAB_IP_TEXT], edge_ip[LAB_IP_TEXT];
	struct talk first = {.address = lab_host_ip(&spec, LAB_SERVER, v6, server_ip), .count = 20};
	struct talk second = {.address = lab_host_ip(&spec, EDGE, v6, edge_ip), .count = 20};
	struct tap_config tap = {.interface = LAB_WEDGE_CLIENT_IF, .description = "client leg"};
	struct lab_role roles[] = {
	    {.name = "server", .host = LAB_SERVER, .main = talk_server, .arg = &first},
	    {.name = "server-edge", .host = EDGE, .main = talk_server, .arg = &second},
	    {.name = "client", .host = LAB_CLIENT, .main = talk_client, .arg = &first},
	    {.name = "client-bob", .host = BOB, .main = talk_client, .arg = &second},
	    {.name = "tap", .host = LAB_WEDGE, .main = tap_main, .arg = &tap},
	};
	struct lab *lab;
	struct pollfd bob;
	struct err e;

	if (argc > 1)
		snprintf(tap.path, sizeof(tap.path), "%s", argv[1]);
	if (lab_start(&spec, roles, argc > 1 ? 5 : 4, &lab, &e))
		talk_fail("lab_start", &e);
	print_json(lab_environment(lab));
	for (size_t i = 0; i < 5; i++)
		if (i < 2 || (i == 4 && argc > 1))
			talk_hear(roles[i].msg_fd, "ready");
	if (lab_link(lab, BOB, false, &e))
		talk_fail("unplugging", &e);
	for (int i = 2; i < 4; i++)
		if (msg_send(roles[i].msg_fd, "start", NULL))
			talk_fail("start", NULL);
	print_result(roles[2].msg_fd);
	bob = (struct pollfd){roles[3].msg_fd, POLLIN, 0};
	if (poll(&bob, 1, 300))
		talk_fail("unplugged", &(struct err){"a host without a cable talks"});
	if (lab_link(lab, BOB, true, &e))
		talk_fail("plugging", &e);
	print_result(roles[3].msg_fd);
	if (argc > 1) {
		if (msg_send(roles[4].msg_fd, "stop", NULL))
			talk_fail("stop", NULL);
		talk_hear(roles[4].msg_fd, "result");
	}
	lab_stop(lab);
	return 0;
}

int main(int argc, char **argv)
{
	const char *cmd = argc > 1 ? argv[1] : "";
	struct err e;

	if (strcmp(cmd, "build") == 0)
		return cmd_build(argc - 2, argv + 2);
	if (strcmp(cmd, "run") == 0)
		return cmd_shell(argc - 2, argv + 2, talk_shell);
	if (strcmp(cmd, "drop") == 0)
		return cmd_shell(argc - 2, argv + 2, dropped_main);
	if (strcmp(cmd, "exchange") == 0)
		return cmd_exchange(argc - 2, argv + 2);
	if (strcmp(cmd, "hosts") == 0)
		return cmd_hosts(argc - 2, argv + 2);
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
	fputs("usage: lab_probe build|run|drop|exchange|hosts|hold|ends|lost|two|probe ...\n",
	      stderr);
	return 2;
}

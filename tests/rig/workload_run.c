/* workload_run.c - runs one end of a workload, or a program in its place, from the shell and prints
 * its result as JSON: the stand-in for the runner in tests.
 *
 *   workload_run WORKLOAD client|server [KEY=VALUE...] [stop=DURATION] ADDRESS:PORT
 *   workload_run command client|server [output=FILE] [errors=FILE] [output_max=SIZE]
 * [file_max=SIZE] [limit=DURATION] ADDRESS:PORT -- PROGRAM [WORD...]
 *
 * A server prints "ready PORT" and runs until its standard input ends. With stop= a client goes on
 * beyond its count and stops after that time. */
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/command.h"
#include "scenarios/workload/registry.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct end {
	const struct workload *workload; /* NULL: a program */
	bool is_server;
	const struct param *params; /* of this end; NULL for a program */
	void *cfg;
	struct workload_task task;
	struct command_task command;
	int64_t stop_after; /* 0: not */
};

static int print_error(const char *text)
{
	fprintf(stderr, "workload_run: %s\n", text);
	return 2;
}

/* Takes what is told of a program: files for its outputs, bounds, how long it may run. */
static int take_program_value(struct end *end, const char *key, const char *value, struct err *e)
{
	if (!strcmp(key, "output"))
		end->command.output = value;
	else if (!strcmp(key, "errors"))
		end->command.errors = value;
	else if (!strcmp(key, "output_max"))
		return parse_size(value, &end->command.output_max, e);
	else if (!strcmp(key, "file_max"))
		return parse_size(value, &end->command.file_max, e);
	else if (!strcmp(key, "limit"))
		return parse_duration(value, &end->command.limit, e);
	else
		return err_set(e, "no parameter %s", key);
	return 0;
}

/* Takes KEY=VALUE into the configuration. */
static int take_value(struct end *end, char *word, struct err *e)
{
	const struct param *p;
	char *equals = strchr(word, '=');

	*equals = '\0';
	if (!strcmp(word, "stop")) {
		end->task.until_stop = true;
		return parse_duration(equals + 1, &end->stop_after, e);
	}
	if (!end->workload)
		return take_program_value(end, word, equals + 1, e);
	p = end->params ? param_find(end->params, word) : NULL;
	return p ? param_set(p, end->cfg, equals + 1, e) : err_set(e, "no parameter %s", word);
}

static int take_words(struct end *end, int argc, char **argv, struct err *e)
{
	const struct workload *w = end->workload;
	int i = 3;

	if (w) {
		end->params = end->is_server ? w->server_params : w->client_params;
		end->cfg = xcalloc(1, end->is_server ? w->server_size : w->client_size);
		param_defaults(end->params, end->cfg);
	}
	for (; i < argc && strchr(argv[i], '='); i++)
		if (take_value(end, argv[i], e))
			return -1;
	if (i >= argc || addr_parse(argv[i], &end->task.address, e))
		return err_wrap(e, "an address is due");
	if (!w && (i + 2 >= argc || strcmp(argv[i + 1], "--")))
		return err_set(e, "a program is due behind --");
	end->task.cfg = end->cfg;
	end->task.params = end->params;
	end->command.argv = argv + i + 2;
	end->command.address = end->task.address;
	end->command.is_server = end->is_server;
	if (!w || !w->check)
		return 0;
	return w->check(end->is_server ? NULL : end->cfg, end->is_server ? end->cfg : NULL, e);
}

static int run_end(struct end *end, int fd)
{
	end->task.msg_fd = end->command.msg_fd = fd;
	if (!end->workload)
		return command_main(&end->command);
	return end->is_server ? end->workload->server(&end->task)
			      : end->workload->client(&end->task);
}

/* Prints every message but progress until the result. */
static int relay_messages(struct end *end, int fd)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN},
				{.fd = end->is_server ? 0 : -1, .events = POLLIN}};
	int64_t left = -1, due = 0;

	for (;;) {
		json_t *message;
		char text[64];

		if (due)
			left = (due - clock_now(&clock_monotonic)) / NS_PER_MS;
		if (poll(fds, 2, due && left < 0 ? 0 : (int)left) == -1)
			return print_error("poll");
		if ((due && clock_now(&clock_monotonic) >= due) ||
		    (fds[1].revents && read(0, text, sizeof(text)) <= 0)) {
			fds[1].fd = -1;
			due = 0;
			left = -1;
			if (msg_send(fd, "stop", NULL))
				return print_error("the end is gone");
		}
		if (!fds[0].revents)
			continue;
		if (msg_recv(fd, -1, &message, NULL) != 1)
			return print_error("the end is gone");
		if (!strcmp(msg_type(message), "ready") && end->is_server) {
			printf("ready %lld\n",
			       json_integer_value(json_object_get(message, "port")));
		} else if (!strcmp(msg_type(message), "ready")) {
			if (end->stop_after)
				due = clock_now(&clock_monotonic) + end->stop_after;
			if (msg_send(fd, "start", NULL))
				return print_error("the end is gone");
		} else if (strcmp(msg_type(message), "progress")) {
			bool result = !strcmp(msg_type(message), "result");

			json_dumpf(message, stdout, JSON_COMPACT);
			putchar('\n');
			json_decref(message);
			return result ? 0 : 1;
		}
		json_decref(message);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	struct end end = {.workload = argc > 1 ? workload_find(argv[1]) : NULL};
	struct err e = {.text = ""};
	int fds[2], rc, status;
	pid_t child;

	if (argc < 4 || (!end.workload && strcmp(argv[1], "command")))
		return print_error("WORKLOAD client|server [KEY=VALUE...] ADDRESS:PORT");
	end.is_server = !strcmp(argv[2], "server");
	if (take_words(&end, argc, argv, &e)) {
		rc = print_error(e.text);
		goto out;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) || (child = fork()) == -1)
		return print_error("no socketpair or no process");
	if (!child) {
		close(fds[0]);
		rc = run_end(&end, fds[1]);
		goto out;
	}
	close(fds[1]);
	rc = relay_messages(&end, fds[0]);
	close(fds[0]);
	waitpid(child, &status, 0);
	if (!rc)
		rc = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
out:
	if (end.params)
		param_free(end.params, end.cfg);
	free(end.cfg);
	return rc;
}

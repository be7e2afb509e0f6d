/* runner.c - a message of a type that has no word counts as nothing. */
#include "scenarios/workload/runner.h"

#include "scenarios/base/msg.h"

#include <string.h>

#define PATIENCE_MS 10000 /* for the rest of a message that has begun */

static const char *const types[] = {
    [RUNNER_NOTHING] = "",  [RUNNER_START] = "start", [RUNNER_STOP] = "stop",
    [RUNNER_HANG] = "hang", [RUNNER_KILL] = "kill",   [RUNNER_VANISH] = "vanish",
    [RUNNER_SET] = "set",   [RUNNER_AWAIT] = "await",
};

static enum runner_word read_within(int msg_fd, int timeout_ms, json_t **message)
{
	enum runner_word word = RUNNER_NOTHING;
	json_t *m = NULL;

	if (message)
		*message = NULL;
	if (msg_recv(msg_fd, timeout_ms, &m, NULL) != 1)
		return RUNNER_GONE;
	for (unsigned i = RUNNER_START; i < ARRAY_LEN(types); i++)
		if (!strcmp(msg_type(m), types[i]))
			word = (enum runner_word)i;
	if (message)
		*message = m;
	else
		json_decref(m);
	return word;
}

enum runner_word runner_read(int msg_fd, json_t **message)
{
	return read_within(msg_fd, PATIENCE_MS, message);
}

enum runner_word runner_obey(int msg_fd, json_t **message)
{
	enum runner_word word = runner_read(msg_fd, message);

	while (word == RUNNER_HANG) {
		if (message)
			json_decref(*message);
		if (runner_done(msg_fd))
			return RUNNER_GONE;
		word = read_within(msg_fd, -1, message);
	}
	return word;
}

int runner_done(int msg_fd)
{
	return msg_send(msg_fd, "done", NULL);
}

enum runner_word runner_await_start(int msg_fd)
{
	enum runner_word word = RUNNER_NOTHING;

	if (msg_send(msg_fd, "ready", NULL))
		return RUNNER_GONE;
	while (word != RUNNER_START && word != RUNNER_STOP && word != RUNNER_GONE)
		word = read_within(msg_fd, -1, NULL);
	return word;
}

int runner_error(int msg_fd, const char *text)
{
	if (msg_send(msg_fd, "error", "s:s", "text", text))
		return 2; /* the runner is gone */
	return 1;
}

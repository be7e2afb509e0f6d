/* runner.c - a message that is neither start nor stop counts as nothing. */
#include "scenarios/workload/runner.h"

#include "scenarios/base/msg.h"

#include <string.h>

#define PATIENCE_MS 10000 /* for the rest of a message that has begun */

static enum runner_word read_within(int msg_fd, int timeout_ms)
{
	enum runner_word word = RUNNER_NOTHING;
	json_t *message;

	if (msg_recv(msg_fd, timeout_ms, &message, NULL) != 1)
		return RUNNER_GONE;
	if (!strcmp(msg_type(message), "start"))
		word = RUNNER_START;
	else if (!strcmp(msg_type(message), "stop"))
		word = RUNNER_STOP;
	json_decref(message);
	return word;
}

enum runner_word runner_read(int msg_fd)
{
	return read_within(msg_fd, PATIENCE_MS);
}

enum runner_word runner_await_start(int msg_fd)
{
	enum runner_word word = RUNNER_NOTHING;

	if (msg_send(msg_fd, "ready", NULL))
		return RUNNER_GONE;
	while (word == RUNNER_NOTHING)
		word = read_within(msg_fd, -1);
	return word;
}

int runner_error(int msg_fd, const char *text)
{
	if (msg_send(msg_fd, "error", "s:s", "text", text))
		return 2; /* the runner is gone */
	return 1;
}

/* runner.h - the end of a workload's side of its talk with the runner (the messages of workload.h).
 */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RUNNER_H
#define WEDGE_SCENARIOS_WORKLOAD_RUNNER_H

enum runner_word { RUNNER_NOTHING, RUNNER_START, RUNNER_STOP, RUNNER_GONE };

/* Reads the one message that poll announced. */
enum runner_word runner_read(int msg_fd);

/* A client's beginning: says ready and waits for the start. START, STOP or GONE. */
enum runner_word runner_await_start(int msg_fd);

/* Tells why it could not run; returns the exit status. */
int runner_error(int msg_fd, const char *text);

#endif

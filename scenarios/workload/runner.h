/* runner.h - a workload's messages to and from the runner (those of workload.h). */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RUNNER_H
#define WEDGE_SCENARIOS_WORKLOAD_RUNNER_H

enum runner_word { RUNNER_NOTHING, RUNNER_START, RUNNER_STOP, RUNNER_GONE };

/* Reads the one message that poll announced. */
enum runner_word runner_read(int msg_fd);

/* Begins a client: sends ready and waits for the start. Returns START, STOP or GONE. */
enum runner_word runner_await_start(int msg_fd);

/* Sends the reason why the workload could not run; returns the exit status. */
int runner_error(int msg_fd, const char *text);

#endif

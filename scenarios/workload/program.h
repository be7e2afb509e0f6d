/* program.h - one running program of the user's: its start, what it prints, its end. Speaks with no
 * runner. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_PROGRAM_H
#define WEDGE_SCENARIOS_WORKLOAD_PROGRAM_H

#include "proxy/base/attrs.h"
#include "scenarios/workload/command_task.h"
#include "scenarios/workload/text_watch.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <poll.h>

/* What one of its outputs has brought. */
#define PROGRAM_LINE 4096

struct program_output {
	int pipe_fd, file_fd; /* -1: it is over; it isn't kept */
	uint64_t bytes;
	EVP_MD_CTX *sha; /* NULL: nobody asks */
	/* Of errors that go into one file with the output: a line that isn't whole waits for its
	 * rest, so that no output comes into it. */
	bool by_lines;
	char part[PROGRAM_LINE];
	size_t npart;
	struct text_watch watch;
};

struct program {
	const struct command_task *task;
	pid_t pid;  /* the leader of its process group */
	int pid_fd; /* -1: it has been collected */
	struct program_output out, err;
	int64_t begun, ended;
	int status;	 /* as in a shell: 128 + n for signal n */
	bool stopped;	 /* the runner, or its limit, ended it */
	bool limited;	 /* that was its limit */
	size_t outlived; /* processes of its that lived when it had ended */
};

/* Starts it; text is what its outputs are watched for, or NULL. The caller ends with program_fini,
 * also behind -1 with *e. */
int program_start(struct program *p, const struct command_task *task, const char *text,
		  struct err *e) WG_MUSTUSE;

#define PROGRAM_FDS 3

/* What is to be polled for it, and takes what the poll has found: its outputs. Returns true when
 * the program has ended, and waits for program_collect. */
void program_poll_fds(const struct program *p, struct pollfd fds[PROGRAM_FDS]);
bool program_take(struct program *p, const struct pollfd fds[PROGRAM_FDS]);

/* Takes the status of a program that has ended or is about to, and what it left in its pipes. */
void program_collect(struct program *p);

/* Ends it and all below it that root is an ancestor of: SIGTERM, and SIGKILL 3 s later. root 0:
 * itself. */
void program_terminate(struct program *p, pid_t root);

/* Its result's own members: "exit_status", "began", "duration", "output_bytes", "error_bytes",
 * "sha256", "stopped", "limited", "outlived". A new reference. */
json_t *program_json(const struct program *p);
void program_fini(struct program *p);

#endif

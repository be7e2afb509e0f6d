/* command_task.h - what is wanted of a program of the user's, as data, and its words. Runs nothing.
 */
#ifndef WEDGE_SCENARIOS_WORKLOAD_COMMAND_TASK_H
#define WEDGE_SCENARIOS_WORKLOAD_COMMAND_TASK_H

#include "proxy/base/addr.h"
#include "proxy/base/err.h"

#include <stdbool.h>

struct long_lived;

struct command_task {
	char *const *argv;   /* NULL-terminated; "{host}", "{port}" and "{out}" are replaced */
	struct addr address; /* client: of its server; server: where it must listen */
	int msg_fd;
	bool is_server;
	const char *out_dir; /* what "{out}" becomes; NULL: "." */
	const char *output;  /* file that its stdout and stderr are written to; NULL: none */
	const char *errors; /* file that its stderr is written to; NULL: together with its stdout */
	uint64_t output_max; /* bytes of each of the two that are kept; 0: all */
	uint64_t file_max;   /* bytes of a file that it may write (RLIMIT_FSIZE); 0: no bound */
	const char *work;    /* folder that it runs in; NULL: the present one */
	int64_t ready_after; /* server: how long to wait when its port can't be probed; 0: 1 s */
	int64_t after;	     /* client: begins so long after its start */
	int64_t limit;	     /* client: is ended when it has run so long; 0: it may take its time */
	const struct long_lived *long_lived; /* client: it doesn't end by itself; NULL: it does */
	int (*drop)(struct err *e); /* called in the child before the program begins: gives up
				       privileges. NULL: none to give up */
};

/* Returns word with "{host}", "{port}" and "{out}" replaced; the caller frees. An IPv6 host has no
 * brackets: the word's author writes "http://[{host}]:{port}/". */
char *command_word(const char *word, const struct addr *a, const char *out_dir);

#endif

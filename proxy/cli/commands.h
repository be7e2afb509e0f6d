/* commands.h - the table of wedge's commands: a name, one line for the help, a function. The table
 * itself is in main.c, the one place that knows every part that was built. */
#ifndef WEDGE_CLI_COMMANDS_H
#define WEDGE_CLI_COMMANDS_H

#include <stdbool.h>

/* argv[0] is the command's name. Returns the exit status: 0 as expected, 1 not, 2 could not run. */
struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
	int failed;	      /* its exit status when what it wrote is incomplete */
	unsigned descriptors; /* how many more it opens at least; 0: the standard ones do */
	bool lasts;	      /* must not wait for the reader of standard error */
};

struct capture_ops;
struct control_ops;
struct impairments_ops;

/* impairments: no_impairments where none are built; capture: NULL where none is. */
int cmd_proxy(int argc, char **argv, const struct impairments_ops *impairments,
	      const struct capture_ops *capture, const struct control_ops *control);
int cmd_serve(int argc, char **argv, const struct impairments_ops *impairments,
	      const struct capture_ops *capture, const struct control_ops *control);
int cmd_toxiproxy(int argc, char **argv, const struct impairments_ops *impairments,
		  const struct capture_ops *capture, const struct control_ops *control);
int cmd_exec(int argc, char **argv, const struct impairments_ops *impairments,
	     const struct capture_ops *capture);

#endif

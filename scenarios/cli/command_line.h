/* command_line.h - a command line as a text that a shell reads as that command line again. */
#ifndef WEDGE_SCENARIOS_CLI_COMMAND_LINE_H
#define WEDGE_SCENARIOS_CLI_COMMAND_LINE_H

/* Returns "wedge run" with argv[1] and on, in a new string of the caller's. What a shell would take
 * for something else is quoted as POSIX has it; control characters are as in bash's $'...'. */
char *command_line_text(int argc, char **argv);

#endif

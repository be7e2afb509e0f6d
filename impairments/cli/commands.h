/* commands.h - the commands of impairments/, for main.c's table: each returns the exit status. */
#ifndef WEDGE_IMPAIRMENTS_CLI_COMMANDS_H
#define WEDGE_IMPAIRMENTS_CLI_COMMANDS_H

int cmd_impairments(int argc, char **argv);

#endif

/* cmd_impairments.h - "wedge impairments": for the table of commands in proxy/main.c. */
#ifndef WEDGE_IMPAIRMENTS_CMD_IMPAIRMENTS_H
#define WEDGE_IMPAIRMENTS_CMD_IMPAIRMENTS_H

/* argv[0] is the command's name. Returns the exit status. */
int cmd_impairments(int argc, char **argv);

#endif

/* commands.h - the commands of scenarios/, for main.c's table: each returns the exit status. */
#ifndef WEDGE_SCENARIOS_CLI_COMMANDS_H
#define WEDGE_SCENARIOS_CLI_COMMANDS_H

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_extcap(int argc, char **argv);
int cmd_answer(int argc, char **argv);
int cmd_analyze(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_workloads(int argc, char **argv);

#endif

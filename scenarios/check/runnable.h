/* runnable.h - whether there is a program to run, before a lab is made for it. */
#ifndef WEDGE_SCENARIOS_CHECK_RUNNABLE_H
#define WEDGE_SCENARIOS_CHECK_RUNNABLE_H

/* Looks for the program as execvp does: a name without a slash in the folders of PATH. Returns 0,
 * or the errno that says why it can't be run. */
int runnable_check(const char *program);

#endif

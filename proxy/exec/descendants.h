/* descendants.h - the processes that descend from the command, whatever namespaces, sessions and
 * groups they have made for themselves. Knows no namespaces, ends nobody. */
#ifndef WEDGE_EXEC_DESCENDANTS_H
#define WEDGE_EXEC_DESCENDANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { DESCENDANTS_OWN_MAX = 16 };

struct descendants {
	pid_t own[DESCENDANTS_OWN_MAX]; /* children of this process that aren't the command's */
	size_t n;
	bool followed;
};

/* To be called first in main: notes whether there are children that the caller of execve(2) had. */
void descendants_begin(void);

/* To be called right before the command is forked, after every other fork: from here on, who loses
 * its parent becomes a child of this process (PR_SET_CHILD_SUBREAPER). Where that isn't certain to
 * be the command's, since there were children before, or can't be looked at, nothing is followed,
 * and the others do nothing. */
void descendants_follow(struct descendants *d);

/* Reaps those that have ended, but not the command. */
void descendants_reap(const struct descendants *d, pid_t command);

/* Whether there is one, the command aside when it has been reaped. */
bool descendants_exist(const struct descendants *d);

/* Whether that process is one. */
bool descendants_has(const struct descendants *d, pid_t pid);

#endif

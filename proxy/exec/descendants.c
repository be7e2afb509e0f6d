/* descendants.c - a chain of parents that leads to this process leads through the command, unless
 * it leads through a child that was there before it. */
#include "proxy/exec/descendants.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longer is no chain, but one that changes while it is read. */
enum { CHAIN_MAX = 10000 };

static bool had_children = true;

void descendants_begin(void)
{
	siginfo_t info;

	had_children = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

/* Needs a kernel with CONFIG_PROC_CHILDREN; NULL: it hasn't. */
static FILE *open_children(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	return fopen(path, "re");
}

static bool next_child(FILE *f, pid_t *pid)
{
	int number;

	if (!f || fscanf(f, "%d", &number) != 1)
		return false;
	*pid = number;
	return true;
}

static bool is_own(const struct descendants *d, pid_t child)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->own[i] == child)
			return true;
	return false;
}

void descendants_follow(struct descendants *d)
{
	FILE *f = had_children ? NULL : open_children();
	pid_t child;

	*d = (struct descendants){.n = 0};
	if (!f)
		return;
	d->followed = true;
	while (next_child(f, &child)) {
		d->followed &= d->n < DESCENDANTS_OWN_MAX;
		if (d->followed)
			d->own[d->n++] = child;
	}
	fclose(f);
	if (d->followed && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		d->followed = false;
}

void descendants_reap(const struct descendants *d, pid_t command)
{
	FILE *f = d->followed ? open_children() : NULL;
	pid_t child;

	while (next_child(f, &child))
		if (child != command && !is_own(d, child))
			waitpid(child, NULL, WNOHANG);
	if (f)
		fclose(f);
}

bool descendants_exist(const struct descendants *d)
{
	FILE *f = d->followed ? open_children() : NULL;
	bool found = false;
	pid_t child;

	while (!found && next_child(f, &child))
		found = !is_own(d, child);
	if (f)
		fclose(f);
	return found;
}

/* Returns 0 when there is no such process. */
static pid_t parent_of(pid_t pid)
{
	char path[64], text[512], *name_end;
	int parent = 0;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	name_end = strrchr(text, ')'); /* a name may have any characters */
	if (!name_end || sscanf(name_end, ") %*c %d", &parent) != 1)
		return 0;
	return parent;
}

bool descendants_has(const struct descendants *d, pid_t pid)
{
	pid_t self = getpid(), child = pid;

	if (!d->followed)
		return false;
	for (int i = 0; i < CHAIN_MAX && pid > 0 && pid != self; i++) {
		child = pid;
		pid = parent_of(pid);
	}
	return pid == self && child != self && !is_own(d, child);
}

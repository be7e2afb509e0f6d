/* process_tree.c - parents are read from /proc, and followed from the root downwards. */
#include "scenarios/workload/process_tree.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/sock.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_ROUND  (5 * NS_PER_MS)
#define END_ROUNDS 200

struct process {
	pid_t pid, parent;
	bool below; /* the root */
};

void process_tree_adopt(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* A container's /proc may be the host's, with other numbers. */
static bool is_own_proc(void)
{
	char text[32] = "";

	return readlink("/proc/self", text, sizeof(text) - 1) > 0 &&
	       strtol(text, NULL, 10) == (long)getpid();
}

/* Reads one process; false: it has ended. */
static bool read_process(const char *name, struct process *p)
{
	char path[300], text[512], *end, state;
	int parent;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", name);
	f = fopen(path, "re");
	if (!f)
		return false;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	end = strrchr(text, ')'); /* a name may have any characters */
	if (!end || sscanf(end, ") %c %d", &state, &parent) != 2 || state == 'Z' || state == 'X')
		return false;
	*p = (struct process){.pid = (pid_t)strtol(name, NULL, 10), .parent = parent};
	return true;
}

static size_t list_processes(struct process **list)
{
	DIR *d = is_own_proc() ? opendir("/proc") : NULL;
	const struct dirent *entry;
	size_t n = 0;

	*list = NULL;
	while (d && (entry = readdir(d))) {
		struct process p;

		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name) ||
		    !read_process(entry->d_name, &p))
			continue;
		*list = xrealloc(*list, n + 1, sizeof(**list));
		(*list)[n++] = p;
	}
	if (d)
		closedir(d);
	return n;
}

static bool is_below(const struct process *list, size_t n, pid_t parent, pid_t root)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].pid == parent && list[i].below)
			return true;
	return parent == root;
}

size_t process_tree_signal(pid_t root, int sig)
{
	struct process *list;
	size_t n = list_processes(&list), found = 0, before;

	do {
		before = found;
		for (size_t i = 0; i < n; i++) {
			if (list[i].below || !is_below(list, n, list[i].parent, root))
				continue;
			list[i].below = true;
			found++;
		}
	} while (found > before);
	for (size_t i = 0; sig && i < n; i++)
		if (list[i].below)
			(void)kill(list[i].pid, sig);
	free(list);
	return found;
}

void process_tree_end(void)
{
	for (int i = 0; i < END_ROUNDS; i++) {
		size_t left = process_tree_signal(getpid(), SIGKILL);

		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		if (!left)
			return;
		sock_poll_until(NULL, 0, clock_now(&clock_monotonic) + END_ROUND);
	}
}

/* machine_memory.c - reads /proc/self/cgroup and asks each group from the process's own to the
 * root; what can't be read is no limit. */
#include "proxy/base/machine_memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t least_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* "max", of version 2, is no number. */
static uint64_t read_limit(const char *path)
{
	FILE *in = fopen(path, "re");
	unsigned long long n;
	uint64_t limit = UINT64_MAX;

	if (!in)
		return limit;
	if (fscanf(in, "%llu", &n) == 1)
		limit = n;
	fclose(in);
	return limit;
}

/* Asks the group and those above; changes group meanwhile. In a container the path is often one of
 * the host's, and only the root is there. */
static uint64_t group_limit(const char *root, const char *below, char *group, const char *file)
{
	uint64_t limit = UINT64_MAX;
	char path[2 * PATH_MAX];

	for (;;) {
		char *slash;

		snprintf(path, sizeof(path), "%s/sys/fs/cgroup%s%s/%s", root, below, group, file);
		limit = least_of(limit, read_limit(path));
		slash = strrchr(group, '/');
		if (!slash)
			return limit;
		*slash = '\0';
	}
}

/* A line is "0::/path" in version 2, "4:memory:/path" in version 1. */
static uint64_t line_limit(const char *root, char *line)
{
	char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;

	line[strcspn(line, "\n")] = '\0';
	if (!group)
		return UINT64_MAX;
	*group++ = '\0';
	if (!names[1])
		return group_limit(root, "", group, "memory.max");
	if (!strstr(names + 1, "memory"))
		return UINT64_MAX;
	return group_limit(root, "/memory", group, "memory.limit_in_bytes");
}

static uint64_t groups_limit(const char *root)
{
	char path[PATH_MAX], line[PATH_MAX];
	uint64_t limit = UINT64_MAX;
	FILE *in;

	snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	in = fopen(path, "re");
	if (!in)
		return limit;
	while (fgets(line, sizeof(line), in))
		limit = least_of(limit, line_limit(root, line));
	fclose(in);
	return limit;
}

uint64_t machine_memory(const char *root)
{
	uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	struct rlimit space;

	if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
		all = least_of(all, space.rlim_cur);
	return least_of(all, groups_limit(root));
}

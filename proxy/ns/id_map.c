/* id_map.c - writes the files uid_map and gid_map of a process from outside, or has the set-uid
 * programs of shadow write them. */
#include "proxy/ns/id_map.h"

#include "proxy/ns/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IDS_MAX = 64, LINE_MAX_ID = 256, ID_TEXT = 12 };

/* Bits of the writer's exit status: what it has mapped. */
enum { WROTE_UIDS = 1, WROTE_GIDS = 2 };

struct ids {
	unsigned id[IDS_MAX];
	size_t n;
};

static void add_id(struct ids *ids, unsigned id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->id[i] == id)
			return;
	if (ids->n < IDS_MAX)
		ids->id[ids->n++] = id;
}

/* Copies the map of this process's own namespace, every id as itself. */
static bool write_all(pid_t pid, const char *file)
{
	char path[64], line[LINE_MAX_ID], text[4096] = "";
	unsigned inner, outer, count;
	size_t used = 0;
	FILE *own;
	int fd;
	bool done;

	snprintf(path, sizeof(path), "/proc/self/%s", file);
	own = fopen(path, "re");
	while (own && fgets(line, sizeof(line), own) && used < sizeof(text) - LINE_MAX_ID)
		if (sscanf(line, "%u %u %u", &inner, &outer, &count) == 3)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%u %u %u\n",
						 inner, inner, count);
	if (own)
		fclose(own);
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd != -1 && used && write(fd, text, used) == (ssize_t)used;
	if (fd != -1)
		close(fd);
	return done;
}

/* A line of subuid(5): a user's name or uid, the first id, their number. */
static bool line_gives(const char *line, const char *name, unsigned id)
{
	char who[LINE_MAX_ID], uid[ID_TEXT];
	unsigned long first, count;

	snprintf(uid, sizeof(uid), "%u", getuid());
	return sscanf(line, "%255[^:]:%lu:%lu", who, &first, &count) == 3 &&
	       (strcmp(who, name) == 0 || strcmp(who, uid) == 0) && id >= first &&
	       id - first < count;
}

static bool is_given(const char *path, unsigned id)
{
	const struct passwd *user = getpwuid(getuid());
	FILE *f = fopen(path, "re");
	char line[LINE_MAX_ID];
	bool given = false;

	while (f && !given && fgets(line, sizeof(line), f))
		given = line_gives(line, user ? user->pw_name : "", id);
	if (f)
		fclose(f);
	return given;
}

/* Runs newuidmap or newgidmap, silently: without it fewer ids are mapped, which is no error. */
static bool run_mapper(const char *program, pid_t pid, const struct ids *ids)
{
	char text[IDS_MAX + 1][ID_TEXT], *argv[3 * IDS_MAX + 3];
	size_t n = 0;
	int status;
	pid_t child;

	snprintf(text[IDS_MAX], ID_TEXT, "%d", (int)pid);
	argv[n++] = (char *)program;
	argv[n++] = text[IDS_MAX];
	for (size_t i = 0; i < ids->n; i++) {
		snprintf(text[i], ID_TEXT, "%u", ids->id[i]);
		argv[n++] = text[i];
		argv[n++] = text[i];
		argv[n++] = (char *)"1";
	}
	argv[n] = NULL;
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (null != -1 && dup2(null, STDERR_FILENO) != -1 &&
		    dup2(null, STDOUT_FILENO) != -1)
			execvp(program, argv);
		_exit(127);
	}
	while (child != -1 && waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return false;
	return child != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool write_uids(pid_t pid)
{
	struct ids ids = {.n = 0};

	add_id(&ids, getuid());
	if (is_given("/etc/subuid", 0))
		add_id(&ids, 0);
	return ids.n > 1 && run_mapper("newuidmap", pid, &ids);
}

static bool write_gids(pid_t pid)
{
	struct ids ids = {.n = 0};
	gid_t groups[IDS_MAX];
	int n = getgroups(IDS_MAX, groups);

	add_id(&ids, getgid());
	for (int i = 0; i < n; i++)
		if (is_given("/etc/subgid", groups[i]))
			add_id(&ids, groups[i]);
	if (is_given("/etc/subgid", 0))
		add_id(&ids, 0);
	return ids.n > 1 && run_mapper("newgidmap", pid, &ids);
}

static int write_maps(pid_t pid)
{
	if (privilege_has(CAP_SETUID) && privilege_has(CAP_SETGID))
		return (write_all(pid, "uid_map") ? WROTE_UIDS : 0) |
		       (write_all(pid, "gid_map") ? WROTE_GIDS : 0);
	/* The programs map only for a caller whose effective ids are its own. */
	if (getuid() != geteuid() || getgid() != getegid())
		return 0;
	return (write_uids(pid) ? WROTE_UIDS : 0) | (write_gids(pid) ? WROTE_GIDS : 0);
}

int id_map_begin(struct id_map *m, struct err *e)
{
	pid_t caller = getpid();
	int go[2];
	char byte;

	*m = (struct id_map){.uid = geteuid(), .gid = getegid()};
	if (pipe2(go, O_CLOEXEC) == -1)
		return err_errno(e, "a pipe");
	m->go = go[1];
	m->writer = fork();
	if (m->writer == 0) {
		close(go[1]);
		_exit(read(go[0], &byte, 1) == 1 ? write_maps(caller) : 0);
	}
	close(go[0]);
	return m->writer == -1 ? err_errno(e, "fork") : 0;
}

int id_map_end(struct id_map *m, struct err *e)
{
	bool sent = write(m->go, "", 1) == 1;
	int status = 0;

	close(m->go);
	while (waitpid(m->writer, &status, 0) == -1 && errno == EINTR)
		;
	status = sent && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	if (!(status & WROTE_UIDS) && privilege_map_uid(m->uid, e) == -1)
		return err_wrap(e, "mapping uid %u", m->uid);
	if (!(status & WROTE_GIDS) && privilege_map_gid(m->gid, e) == -1)
		return err_wrap(e, "mapping gid %u", m->gid);
	return 0;
}

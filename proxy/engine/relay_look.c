/* relay_look.c - a socket has two ends and an inode, and /proc/PID/fd says whose that is. */
#include "proxy/engine/relay_look.h"

#include "proxy/base/mem.h"
#include "proxy/base/sock_list.h"
#include "proxy/stream/session_state.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct relay_look {
	struct addr peer, local, original;
	pid_t hint;
	struct relay relay;    /* pid 0: nobody known has the connection */
	struct sock_rows rows; /* of all of this host, then of that program alone */
	const struct sock_row *wanted;
	bool *mine; /* by the rows' places: the process has it */
	bool found; /* it has the wanted one */
	atomic_bool done;
	atomic_uint users; /* its owner and its thread */
};

static int by_inode(const void *a, const void *b)
{
	const struct sock_row *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

/* Notes which rows the process has. Returns whether it is there. */
static bool read_owned(struct relay_look *l, pid_t pid)
{
	char path[64], target[64];
	struct dirent *d;
	DIR *dir;

	memset(l->mine, 0, l->rows.n * sizeof(*l->mine));
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && (d = readdir(dir))) {
		struct sock_row key = {.inode = 0}, *r;
		ssize_t n = readlinkat(dirfd(dir), d->d_name, target, sizeof(target) - 1);

		target[n > 0 ? n : 0] = '\0';
		if (sscanf(target, "socket:[%lu]", &key.inode) != 1)
			continue;
		r = bsearch(&key, l->rows.row, l->rows.n, sizeof(key), by_inode);
		if (!r)
			continue;
		l->mine[r - l->rows.row] = true;
		l->found |= r == l->wanted;
	}
	if (dir)
		closedir(dir);
	l->relay.pid = l->found ? pid : 0;
	return dir != NULL;
}

/* This process is none: what it connects to is known. */
static void find_owner(struct relay_look *l)
{
	struct dirent *d;
	DIR *dir;

	if (l->hint && read_owned(l, l->hint))
		return;
	dir = opendir("/proc");
	while (dir && !l->found && (d = readdir(dir))) {
		pid_t pid = (pid_t)strtol(d->d_name, NULL, 10);

		if (pid > 0 && pid != getpid())
			read_owned(l, pid);
	}
	if (dir)
		closedir(dir);
}

static void read_name(struct relay *relay)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)relay->pid);
	f = fopen(path, "re");
	if (!f || !fgets(relay->name, sizeof(relay->name), f))
		*relay->name = '\0';
	relay->name[strcspn(relay->name, "\n")] = '\0';
	if (f)
		fclose(f);
}

struct relay_look *relay_look_new(const struct addr *peer, const struct addr *local,
				  const struct addr *original, pid_t hint)
{
	struct relay_look *l = xcalloc(1, sizeof(*l));

	l->peer = *peer;
	l->local = *local;
	l->original = *original;
	l->hint = hint;
	l->users = 1;
	return l;
}

void relay_look_free(struct relay_look *l)
{
	if (!l || atomic_fetch_sub(&l->users, 1) > 1)
		return;
	free(l->mine);
	free(l->rows.row);
	free(l);
}

void relay_look_run(struct relay_look *l)
{
	sock_list(&l->rows);
	if (l->rows.n)
		qsort(l->rows.row, l->rows.n, sizeof(*l->rows.row), by_inode);
	for (size_t i = 0; i < l->rows.n && !l->wanted; i++) {
		const struct sock_row *r = &l->rows.row[i];

		if (addr_equal(&r->local, &l->peer) &&
		    (addr_equal(&r->remote, &l->local) || addr_equal(&r->remote, &l->original)))
			l->wanted = r;
	}
	l->mine = xcalloc(l->rows.n + 1, sizeof(*l->mine));
	if (l->wanted)
		find_owner(l);
	if (l->found)
		read_name(&l->relay);
	atomic_store(&l->done, true);
}

static void *look_thread(void *arg)
{
	relay_look_run(arg);
	relay_look_free(arg);
	return NULL;
}

/* Signals belong to the loop's thread. */
int relay_look_start(struct relay_look *l)
{
	sigset_t all, before;
	pthread_t thread;
	int rc;

	atomic_fetch_add(&l->users, 1);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, NULL, look_thread, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc) {
		relay_look_free(l);
		return -1;
	}
	pthread_detach(thread);
	return 0;
}

bool relay_look_done(const struct relay_look *l)
{
	return atomic_load(&l->done);
}

/* What it connects to, it connects to for somebody. */
static bool is_proxy(const char *name)
{
	static const char *const names[] = {"wedge", "socat",	 "haproxy",
					    "nginx", "envoy",	 "stunnel",
					    "ncat",  "stunnel4", "toxiproxy-serve"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

struct session *relay_look_judge(const struct relay_look *l, const struct session_table *of,
				 struct relay *relay)
{
	struct session *newest = NULL;
	size_t in = 0, out = 0;

	for (size_t i = 0; l->found && i < l->rows.n; i++) {
		const struct sock_row *r = &l->rows.row[i];
		struct session *s;

		if (!l->mine[i])
			continue;
		if (server_legs_find(of->commons->legs, of, &r->remote, &r->local, &r->local, &s)) {
			in++;
			if (s && (!newest || s->number > newest->number))
				newest = s;
		} else if (addr_equal(&r->remote, &l->wanted->remote)) {
			out++;
		} else {
			return NULL;
		}
	}
	*relay = l->relay;
	relay->many = in > 1;
	return (in == 1 && out == 1) || is_proxy(relay->name) ? newest : NULL;
}

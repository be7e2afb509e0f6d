/* init.c - pid 1 of the lab's PID namespace: when it ends, by any means, the kernel kills all the
 * other processes of the lab. So nothing else needs a guard. */
#include "scenarios/lab/init.h"

#include "proxy/base/mem.h"
#include "proxy/base/slice.h"
#include "proxy/ns/descriptors.h"
#include "proxy/ns/privilege.h"
#include "scenarios/base/msg.h"
#include "scenarios/lab/net.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* The runner's handlers would act on the runner's loop. Faults are left to a sanitizer's. */
static void signals_default(void)
{
	for (int s = 1; s < NSIG; s++)
		if (s != SIGSEGV && s != SIGBUS && s != SIGFPE && s != SIGILL && s != SIGABRT)
			signal(s, SIG_DFL);
}

static void hold_descriptors(const struct init_job *job)
{
	int *keep = xcalloc(2 * job->nroles + 2, sizeof(*keep));
	size_t n = 0;

	keep[n++] = job->control;
	keep[n++] = job->orders;
	for (size_t i = 0; i < job->nroles; i++) {
		keep[n++] = job->role_fds[i];
		if (job->roles[i].kept_fd)
			keep[n++] = job->roles[i].kept_fd;
	}
	descriptors_keep(keep, n);
	free(keep);
}

static int mount_name_file(const char *folder, const char *name, struct err *e)
{
	char *own = xasprintf("%s/%s", folder, name), *place = xasprintf("/etc/%s", name);
	int rc = mount(own, place, NULL, MS_BIND, NULL);

	/* A machine without a resolv.conf asks 127.0.0.1 (resolv.conf(5)), as that file says. */
	if (rc == -1 && errno == ENOENT && strcmp(name, "resolv.conf") == 0)
		rc = 0;
	if (rc == -1)
		err_errno(e, "putting %s in the place of %s", own, place);
	free(own);
	free(place);
	return rc;
}

/* Keeps the lab's mounts in the lab. A /proc of its own shows its processes only; where a container
 * masks parts of /proc the kernel refuses one, and the old one does. */
static int mounts_make(const struct lab_spec *spec, json_t *env, struct err *e)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return err_errno(e, "making mounts private");
	if (spec->names && (mount_name_file(spec->names, "hosts", e) == -1 ||
			    mount_name_file(spec->names, "resolv.conf", e) == -1))
		return -1;
	json_object_set_new(
	    env, "own_proc",
	    json_boolean(!mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)));
	return 0;
}

/* All of the lab runs on one processor, the present one. What a process sends waits in the queue of
 * its processor, and what an ACK lets go in that of the processor that has got the ACK: on two, a
 * connection's segments overtake each other, and the lab's network would reorder and have things
 * sent again. (Steering packets instead, rps_cpus, is a privilege of the host's root.) */
static void stay_on_one_cpu(json_t *env)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_SET((size_t)cpu, &set);
	if (CPU_COUNT(&set) && sched_setaffinity(0, sizeof(set), &set) == 0)
		json_object_set_new(env, "cpu", json_integer(cpu));
}

static int lab_make(const struct init_job *job, struct net *net, json_t *env, struct err *e)
{
	struct utsname host;

	if (job->map_ids && privilege_map(job->uid, job->gid, e))
		return err_wrap(e, "mapping uid %u", job->uid);
	if (privilege_keep(e) || mounts_make(job->spec, env, e))
		return -1;
	/* This comes after the last change of credentials, which would clear it. If the runner is
	 * dead already, the control socket shows it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		return err_errno(e, "asking for a parent death signal");
	setsid(); /* an interrupt from the terminal is the runner's to handle */
	stay_on_one_cpu(env);
	json_object_set_new(env, "slice", json_real(slice_ask()));
	uname(&host);
	json_object_set_new(env, "kernel", json_string(host.release));
	json_object_set_new(env, "machine", json_string(host.machine));
	json_object_set_new(env, "user_namespace", json_boolean(job->map_ids));
	json_object_set_new(env, "uid", json_integer(job->uid));
	return net_build(job->spec, net, env, e);
}

static _Noreturn void role_main(const struct init_job *job, size_t index, int ns)
{
	const struct lab_role *role = &job->roles[index];
	int keep[] = {job->role_fds[index], role->kept_fd};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;
	int status;

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || setns(ns, CLONE_NEWNET)) {
		fprintf(stderr, "wedge: role %s: %s\n", role->name, strerror(errno));
		_exit(127);
	}
	descriptors_keep(keep, role->kept_fd ? 2 : 1);
	prctl(PR_SET_NAME, role->name, 0, 0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	status = role->main(role->arg, job->role_fds[index]);
	fflush(NULL);
	_exit(status);
}

/* Starts every role; pids[i] is role i's. */
static int roles_start(const struct init_job *job, const int *ns, pid_t *pids, struct err *e)
{
	for (size_t i = 0; i < job->nroles; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			return err_errno(e, "starting role %s", job->roles[i].name);
		if (!pids[i])
			role_main(job, i, ns[job->roles[i].host]);
	}
	/* Only the roles hold their sockets, so that the runner sees them close. The namespaces
	 * stay open: when a host's last role had left, its cables would vanish from the other
	 * hosts. */
	for (size_t i = 0; i < job->nroles; i++)
		close(job->role_fds[i]);
	return 0;
}

/* Reaps whatever has ended, orphans of roles too, and reports roles to the runner. */
static int children_reap(const struct init_job *job, const pid_t *pids)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < job->nroles; i++)
			if (pids[i] == pid && msg_send(job->control, "exit", "s:i, s:i", "role",
						       (int)i, "status", status))
				return -1;
	return 0;
}

/* Does one order of the runner's and answers it. */
static int orders_serve(const struct init_job *job, struct net *net)
{
	struct err e;
	json_t *order;
	int rc;

	if (msg_recv(job->orders, 0, &order, &e) != 1)
		return -1;
	BUG_ON(strcmp(msg_type(order), "link") != 0);
	rc = net_link(net, (int)json_integer_value(json_object_get(order, "host")),
		      json_is_true(json_object_get(order, "up")), &e);
	json_decref(order);
	return rc ? msg_send(job->orders, "error", "s:s", "text", e.text)
		  : msg_send(job->orders, "done", NULL);
}

/* Serves until the runner closes the control socket or dies. */
static void serve_runner(const struct init_job *job, const pid_t *pids, int signals,
			 struct net *net)
{
	struct pollfd fds[] = {
	    {job->control, POLLIN, 0}, {signals, POLLIN, 0}, {job->orders, POLLIN, 0}};
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			return;
		if (fds[0].revents)
			return;
		if (fds[1].revents && read(signals, &info, sizeof(info)) < 0)
			return;
		if (children_reap(job, pids))
			return;
		if (fds[2].revents && orders_serve(job, net))
			return;
	}
}

_Noreturn void init_main(const struct init_job *job)
{
	json_t *env = json_object();
	pid_t *pids = xcalloc(job->nroles + 1, sizeof(*pids));
	struct net net;
	int signals;
	struct err e;
	sigset_t child;

	hold_descriptors(job);
	signals_default();
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_SETMASK, &child, NULL);
	signals = signalfd(-1, &child, SFD_CLOEXEC);
	if (signals < 0 || lab_make(job, &net, env, &e) || roles_start(job, net.ns, pids, &e)) {
		if (signals < 0)
			err_errno(&e, "signalfd");
		_exit(msg_send(job->control, "error", "s:s", "text", e.text) ? 2 : 1);
	}
	if (msg_send(job->control, "ready", "s:O", "environment", env) == 0)
		serve_runner(job, pids, signals, &net);
	_exit(0);
}

/* lab.c - the runner's side of a lab: one control socket to the lab's first process, one socket to
 * each role. */
#include "scenarios/lab/lab.h"

#include "proxy/base/mem.h"
#include "proxy/ns/privilege.h"
#include "scenarios/base/msg.h"
#include "scenarios/lab/init.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TIMEOUT_MS 30000
#define ORDER_TIMEOUT_MS 5000

struct lab {
	pid_t init;
	int control, orders;
	json_t *environment;
	size_t nroles;
	bool *ended; /* per role: lab_reap has reported it */
};

/* Opens one message socket per role: the runner's end goes into the role, the other into fds. */
static int sockets_open(struct lab_role *roles, size_t nroles, int *fds, struct err *e)
{
	for (size_t i = 0; i < nroles; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
			err_errno(e, "socket for role %s", roles[i].name);
			while (i-- > 0) {
				close(roles[i].msg_fd);
				close(fds[i]);
			}
			return -1;
		}
		roles[i].msg_fd = pair[0];
		fds[i] = pair[1];
	}
	return 0;
}

static void fds_close(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

/* fork() into new namespaces. With a NULL stack the raw call returns twice, as fork does. */
static pid_t fork_into(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

static int init_start(struct lab *lab, struct init_job *job, struct err *e)
{
	unsigned long flags = CLONE_NEWNS | CLONE_NEWPID;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_errno(e, "control socket");
	lab->control = pair[0];
	job->control = pair[1];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		close(job->control);
		return err_errno(e, "socket for orders");
	}
	lab->orders = pair[0];
	job->orders = pair[1];
	job->uid = geteuid();
	job->gid = getegid();
	job->map_ids = !privilege_is_root();
	if (job->map_ids)
		flags |= CLONE_NEWUSER;
	fflush(NULL); /* what is buffered here must not be written twice */
	lab->init = fork_into(flags);
	if (lab->init == 0)
		init_main(job);
	close(job->control);
	close(job->orders);
	if (lab->init > 0)
		return 0;
	return err_errno(e, "making namespaces");
}

/* Waits until everything is in place. */
static int init_await(struct lab *lab, struct err *e)
{
	json_t *msg;
	int rc = msg_recv(lab->control, START_TIMEOUT_MS, &msg, e);

	if (rc <= 0)
		return rc ? err_wrap(e, "starting the lab")
			  : err_set(e, "starting the lab: no answer in %d s",
				    START_TIMEOUT_MS / 1000);
	if (strcmp(msg_type(msg), "ready") == 0) {
		lab->environment = json_incref(json_object_get(msg, "environment"));
		rc = 0;
	} else {
		rc = err_set(e, "building the lab: %s",
			     json_string_value(json_object_get(msg, "text")));
	}
	json_decref(msg);
	return rc;
}

int lab_start(const struct lab_spec *spec, struct lab_role *roles, size_t nroles, struct lab **out,
	      struct err *e)
{
	struct lab *lab = xcalloc(1, sizeof(*lab));
	int *fds = xcalloc(nroles + 1, sizeof(*fds));
	struct init_job job = {.spec = spec, .roles = roles, .nroles = nroles, .role_fds = fds};
	int rc = -1;

	lab->control = lab->orders = -1;
	lab->nroles = nroles;
	lab->ended = xcalloc(nroles + 1, sizeof(*lab->ended));
	if (sockets_open(roles, nroles, fds, e) == 0) {
		rc = init_start(lab, &job, e);
		fds_close(fds, nroles);
		if (rc == 0)
			rc = init_await(lab, e);
		for (size_t i = 0; rc && i < nroles; i++)
			close(roles[i].msg_fd);
	}
	free(fds);
	if (rc) {
		lab_stop(lab);
		privilege_explain(e);
		return -1;
	}
	*out = lab;
	return 0;
}

int lab_fd(const struct lab *lab)
{
	return lab->control;
}

/* All roles die with the lab's first process, if something outside killed it. */
static int report_lost_role(struct lab *lab, int *status)
{
	for (size_t i = 0; i < lab->nroles; i++)
		if (!lab->ended[i]) {
			lab->ended[i] = true;
			*status = SIGKILL;
			return (int)i;
		}
	return -1;
}

int lab_reap(struct lab *lab, int *status)
{
	struct err e;
	json_t *msg;
	int rc = msg_recv(lab->control, 0, &msg, &e), role;

	if (rc < 0)
		return report_lost_role(lab, status);
	if (rc == 0)
		return -1;
	role = (int)json_integer_value(json_object_get(msg, "role"));
	*status = (int)json_integer_value(json_object_get(msg, "status"));
	json_decref(msg);
	BUG_ON(role < 0 || (size_t)role >= lab->nroles);
	lab->ended[role] = true;
	return role;
}

const json_t *lab_environment(const struct lab *lab)
{
	return lab->environment;
}

int lab_link(struct lab *lab, int host, bool up, struct err *e)
{
	json_t *answer;
	int rc;

	if (msg_send(lab->orders, "link", "s:i, s:b", "host", host, "up", up))
		return err_set(e, "the lab has ended");
	rc = msg_recv(lab->orders, ORDER_TIMEOUT_MS, &answer, e);
	if (rc <= 0)
		return rc ? -1 : err_set(e, "the lab doesn't answer");
	rc = strcmp(msg_type(answer), "done") == 0
		 ? 0
		 : err_set(e, "%s", json_string_value(json_object_get(answer, "text")));
	json_decref(answer);
	return rc;
}

void lab_stop(struct lab *lab)
{
	if (!lab)
		return;
	if (lab->init > 0) {
		kill(lab->init, SIGKILL);
		/* Returns once every process of the PID namespace is gone. */
		while (waitpid(lab->init, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (lab->control >= 0)
		close(lab->control);
	if (lab->orders >= 0)
		close(lab->orders);
	json_decref(lab->environment);
	free(lab->ended);
	free(lab);
}

int lab_probe(struct err *e)
{
	const struct lab_spec spec = {.congestion = "reno"};
	struct lab *lab;
	struct err why;

	/* Only a lab shows it: on some systems namespaces can be made, but nothing in them. */
	if (lab_start(&spec, NULL, 0, &lab, &why))
		return err_set(e, "no lab here: %s; wedge proxy works without one, on loopback",
			       why.text);
	lab_stop(lab);
	return 0;
}

int lab_drop_privileges(struct err *e)
{
	return privilege_drop(e);
}

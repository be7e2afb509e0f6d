/* command.c - runs between fork and exec, in the child. */
#include "proxy/exec/command.h"

#include "proxy/base/standard_streams.h"
#include "proxy/exec/exec_job.h"
#include "proxy/exec/helper.h"
#include "proxy/exec/process.h"
#include "proxy/ns/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int tell_namespace(const struct exec_command *job, enum helper_ns kind, const char *path,
			  struct err *e)
{
	int ns = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (ns == -1)
		return err_errno(e, "%s", path);
	rc = helper_tell_namespace(job->life, kind, ns, e);
	close(ns);
	return rc;
}

/* Whoever leaves the network is found by these. A time namespace changes nothing, as its clocks are
 * those of the one before, and is left by nobody who doesn't mean to; not every kernel has it. */
static int tell_namespaces(const struct exec_command *job, struct err *e)
{
	if (tell_namespace(job, HELPER_MNT, "/proc/self/ns/mnt", e) == -1)
		return -1;
	return unshare(CLONE_NEWTIME) == 0
		   ? tell_namespace(job, HELPER_TIME, "/proc/self/ns/time_for_children", e)
		   : 0;
}

/* In a user namespace all is given up that it granted; root may have again what it had outside. */
static int give_up_privileges(const struct exec_command *job, uint64_t bounding, struct err *e)
{
	if (job->user_ns == -1)
		return 0;
	if (privilege_is_root() && privilege_bound(bounding, e) == -1)
		return -1;
	return privilege_drop(e);
}

/* The user namespace comes first: it grants the capabilities that the others need. */
static int join_namespaces(const struct exec_command *job, struct err *e)
{
	uint64_t bounding = privilege_bounding();

	if (job->user_ns != -1 && setns(job->user_ns, CLONE_NEWUSER) == -1)
		return err_errno(e, "joining the user namespace");
	if (setns(job->net_ns, CLONE_NEWNET) == -1)
		return err_errno(e, "joining the network namespace");
	if (unshare(CLONE_NEWNS) == -1) {
		err_errno(e, "making a mount namespace");
		privilege_explain(e);
		return -1;
	}
	if (exec_hosts_mount(job->hosts, job->root_files, e) == -1)
		return -1;
	if (tell_namespaces(job, e) == -1)
		return -1;
	return give_up_privileges(job, bounding, e);
}

_Noreturn void exec_command_main(const struct exec_command *job)
{
	int status;
	struct err e;

	if (join_namespaces(job, &e) == -1) {
		fprintf(stderr, "wedge: exec: %s\n", e.text);
		_exit(EXEC_FAILED);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* after the drop, which clears it */
	if (getppid() != job->parent)
		_exit(EXEC_FAILED);
	sigaction(SIGCHLD, job->child, NULL);
	sigprocmask(SIG_SETMASK, job->mask, NULL);
	standard_streams_give();
	execvp(job->argv[0], job->argv);
	status = errno == ENOENT ? EXEC_NOT_FOUND : EXEC_NOT_EXECUTABLE;
	fprintf(stderr, "wedge: exec: %s: %s\n", job->argv[0], strerror(errno));
	_exit(status);
}

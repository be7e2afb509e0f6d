/* exec.c - the supervisor: starts helper, inner process and command, passes signals on, and ends as
 * the command has ended. Stays in the foreground with the command and touches no file of its own.
 */
#include "proxy/exec/exec.h"

#include "proxy/base/capture_record.h"
#include "proxy/base/journal_writer.h"
#include "proxy/base/line_copies.h"
#include "proxy/base/log.h"
#include "proxy/base/standard_streams.h"
#include "proxy/exec/command.h"
#include "proxy/exec/descendants.h"
#include "proxy/exec/helper.h"
#include "proxy/exec/inside.h"
#include "proxy/exec/process.h"
#include "proxy/exec/sweep.h"
#include "proxy/ns/privilege.h"
#include "proxy/stream/tls/keylogs.h"
#include "proxy/stream/tls/tls.h"
#include "proxy/stream/tls/tls_state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The inner process waits LINGER (inside.c) for last bytes; after twice that it is stuck. */
#define END_MS 4000

struct supervisor {
	const struct exec_job *job;
	struct exec_hosts hosts;
	struct journal_writer *journal;
	struct capture_record *capture;
	struct line_copies secrets;
	struct tls *tls; /* NULL: TLS passes through */
	struct keylogs keylogs;
	struct root_files *root_files;
	int control;  /* to the inner process */
	int life;     /* closes with this process, whereupon the helper ends */
	int requests; /* from the inner process to the helper; closed here once both have it */
	int ns[INSIDE_FDS]; /* -1: not made */
	bool own_users;	    /* a user namespace is needed to make the others */
	pid_t helper, inside, command;
	struct descendants descendants;
	int signals; /* signalfd */
	sigset_t mask;
	struct sigaction child; /* the caller's; SIG_IGN would hide the end of a child */
};

/* Signals that a program may get from outside. SIGKILL and SIGSTOP can't be passed on. */
static const int passed_on[] = {SIGHUP,	 SIGINT,  SIGQUIT, SIGTERM,  SIGUSR1,
				SIGUSR2, SIGALRM, SIGCONT, SIGWINCH, SIGCHLD};

static int take_signals(struct supervisor *s, struct err *e)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t set;

	sigaction(SIGCHLD, &by_default, &s->child);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	sigprocmask(SIG_BLOCK, &set, &s->mask);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return s->signals == -1 ? err_errno(e, "signalfd") : 0;
}

static int make_pair(int ends[2], struct err *e)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1
		   ? err_errno(e, "a socket between wedge's processes")
		   : 0;
}

/* Its process holds nothing of what is opened later. */
static int start_journal(struct supervisor *s, struct err *e)
{
	if (*s->job->journal)
		s->journal = journal_writer_new(s->job->journal, e);
	return *s->job->journal && !s->journal ? -1 : 0;
}

static int open_capture(struct supervisor *s, struct err *e)
{
	if (*s->job->capture)
		s->capture = capture_record_new(s->job->capture_ops, s->job->capture, e);
	return *s->job->capture && !s->capture ? -1 : 0;
}

/* As the user, and outside: the lab CA's folder and the key log are his. */
static int start_tls(struct supervisor *s, struct err *e)
{
	const struct tls_config *c = s->job->tls;

	if (c->mode == TLS_PASSTHROUGH)
		return 0;
	s->tls = tls_new(c, e);
	if (s->capture)
		line_copies_add(&s->secrets, s->capture->secrets);
	if (s->tls)
		tls_copy_secrets(s->tls, &s->secrets);
	return !s->tls || keylogs_serve(&s->keylogs, s->tls, c->keylog, e) == -1
		   ? err_wrap(e, "tls")
		   : 0;
}

/* The helper is forked first, in the network of the caller. */
static int start_helper(struct supervisor *s, struct err *e)
{
	int life[2], requests[2];

	if (make_pair(life, e) == -1 || make_pair(requests, e) == -1)
		return -1;
	fflush(NULL);
	s->helper = fork();
	if (s->helper == 0) {
		helper_main(requests[1], life[1]);
	}
	close(life[1]);
	close(requests[1]);
	s->life = life[0];
	s->requests = requests[0];
	return s->helper == -1 ? err_errno(e, "fork") : 0;
}

static int start_inside(struct supervisor *s, struct err *e)
{
	struct inside_job job = {.job = s->job,
				 .hosts = &s->hosts,
				 .requests = s->requests,
				 .journal = s->journal ? journal_writer(s->journal) : NULL,
				 .capture = s->capture,
				 .tls = s->tls,
				 .own_users = s->own_users};
	struct inside_ready ready;
	int control[2];

	if (make_pair(control, e) == -1)
		return -1;
	job.control = control[1];
	s->inside = fork();
	if (s->inside == 0)
		inside_main(&job);
	close(control[1]);
	close(s->requests);
	s->requests = -1;
	s->control = control[0];
	if (s->inside == -1)
		return err_errno(e, "fork");
	if (process_recv(s->control, &ready, sizeof(ready), s->ns, INSIDE_FDS, 0) !=
	    (ssize_t)sizeof(ready))
		return err_set(e, "the process inside died before it was ready");
	return *ready.err.text ? err_set(e, "%s", ready.err.text) : 0;
}

/* Its process is the last one before the command: nobody else holds its socket, so that it sees
 * the end of this one. */
static int start_capture(struct supervisor *s, struct err *e)
{
	const struct capture_apart apart = {.user = s->own_users ? s->ns[INSIDE_USER] : -1,
					    .net = s->ns[INSIDE_NET]};

	return s->capture ? capture_record_start(s->capture, &apart, e) : 0;
}

static void tell_seed(const struct exec_job *job)
{
	if (job->tell_seed)
		fprintf(stderr,
			"wedge: exec: the seed is %llu; --seed %llu repeats its decisions\n",
			(unsigned long long)job->seed, (unsigned long long)job->seed);
}

static int start_command(struct supervisor *s, struct err *e)
{
	struct exec_command job = {.argv = s->job->argv,
				   .hosts = &s->hosts,
				   .root_files = s->root_files,
				   .user_ns = s->own_users ? s->ns[INSIDE_USER] : -1,
				   .net_ns = s->ns[INSIDE_NET],
				   .parent = getpid(),
				   .life = s->life,
				   .mask = &s->mask,
				   .child = &s->child};

	if (helper_tell_namespace(s->life, HELPER_NET, s->ns[INSIDE_NET], e) == -1)
		return -1;
	tell_seed(s->job);
	standard_streams_sync();
	descendants_follow(&s->descendants);
	s->command = fork();
	if (s->command == 0)
		exec_command_main(&job);
	return s->command == -1 ? err_errno(e, "fork") : 0;
}

/* The command stopped: so does this process, so that a shell sees its job stop; once it is
 * continued it continues the command. */
static void stop_like_command(const struct supervisor *s)
{
	kill(getpid(), SIGSTOP);
	kill(s->command, SIGCONT);
}

/* True once the command has ended, with its status as of waitpid. */
static bool command_has_ended(const struct supervisor *s, int *status)
{
	while (waitpid(s->command, status, WNOHANG | WUNTRACED) > 0) {
		if (!WIFSTOPPED(*status))
			return true;
		stop_like_command(s);
	}
	return false;
}

/* A terminal's signal reaches the command without this process: both are in one process group. */
static void pass_signal(const struct supervisor *s, const struct signalfd_siginfo *info)
{
	if (info->ssi_signo != SIGCHLD && info->ssi_code <= 0)
		kill(s->command, (int)info->ssi_signo);
}

static void hear_of_capture(struct supervisor *s, struct pollfd *p)
{
	struct log log = {.level = s->job->level, .out = stderr};
	struct err why;

	if (!capture_record_fails(s->capture, &why))
		return;
	p->fd = -1;
	log_error(&log, "exec: capture: %s; what it has until now is written at the end", why.text);
}

/* Without the inner process the command has no network: an error, not a status of the command's. */
static int wait_for_command(struct supervisor *s, int *status, struct err *e)
{
	struct pollfd p[] = {{.fd = s->signals, .events = POLLIN},
			     {.fd = s->control, .events = POLLIN},
			     {.fd = s->capture ? s->capture->capture->news : -1, .events = POLLIN}};
	struct signalfd_siginfo info;

	while (!command_has_ended(s, status)) {
		if (poll(p, ARRAY_LEN(p), -1) == -1)
			continue;
		if (p[0].revents && read(s->signals, &info, sizeof(info)) == sizeof(info))
			pass_signal(s, &info);
		descendants_reap(&s->descendants, s->command);
		if (p[2].revents)
			hear_of_capture(s, &p[2]);
		if (p[1].revents)
			return err_set(e, "the command's network has died, and what ran in it was "
					  "ended");
	}
	return 0;
}

static void reap_child(pid_t pid)
{
	if (pid > 0)
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			;
}

/* The helper has ended who was in the command's namespaces, unless it is what has died. Some may
 * have made others of their own. */
static void end_descendants(const struct supervisor *s, bool died)
{
	const struct sweep left = {.net = died ? s->ns[INSIDE_NET] : -1,
				   .mnt = -1,
				   .time = -1,
				   .descendants = &s->descendants};

	if (s->command <= 0)
		return;
	if (died || descendants_exist(&s->descendants))
		sweep_processes(&left);
	if (died)
		reap_child(s->command);
}

/* The last bytes are sent on, then everything ends: the inner process first, then the processes
 * that the command has left running, by the helper. */
static void end_processes(struct supervisor *s, bool linger)
{
	struct pollfd ended = {.fd = s->control, .events = POLLIN};

	if (s->control != -1 && linger && send(s->control, "", 1, MSG_NOSIGNAL) == 1)
		while (poll(&ended, 1, END_MS) == -1 && errno == EINTR)
			;
	if (s->control != -1)
		close(s->control);
	if (s->inside > 0 && linger && !ended.revents)
		kill(s->inside, SIGKILL);
	reap_child(s->inside);
	if (s->requests != -1)
		close(s->requests);
	if (s->life != -1)
		close(s->life);
	reap_child(s->helper);
	end_descendants(s, !linger);
	for (size_t i = 0; i < INSIDE_FDS; i++)
		if (s->ns[i] != -1)
			close(s->ns[i]);
	exec_hosts_fini(&s->hosts);
	root_files_free(s->root_files);
}

/* This process ends as the command has ended: a shell tells a signal from a status. */
static int end_like_command(int status, const sigset_t *mask)
{
	struct rlimit none = {0, 0};
	sigset_t set;
	int signum;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	signum = WTERMSIG(status);
	setrlimit(RLIMIT_CORE, &none);
	signal(signum, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, signum);
	standard_streams_end(EXEC_FAILED, EXEC_FAILED);
	raise(signum);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	return 128 + signum;
}

/* The journal, key logs and the capture, which has what there is also when the network has died;
 * -1 with *e, of the last that lacks something. */
static int end_files(struct supervisor *s, struct err *e)
{
	int lacking;

	tls_unref(s->tls);
	lacking = keylogs_end(&s->keylogs, e);
	lacking |= journal_writer_end(s->journal, e);
	lacking |= capture_record_end(s->capture, s->command > 0, e);
	return lacking ? -1 : 0;
}

int exec_run(const struct exec_job *job, struct err *e)
{
	struct supervisor s = {
	    .job = job, .control = -1, .life = -1, .requests = -1, .ns = {-1, -1}};
	int status = -1;
	bool started, lacking;
	struct err of_files;

	s.own_users = !privilege_makes_namespaces();
	exec_hosts_read(&s.hosts);
	if (s.own_users)
		s.root_files = root_files_read();
	started = take_signals(&s, e) == 0 && start_journal(&s, e) == 0 &&
		  open_capture(&s, e) == 0 && start_tls(&s, e) == 0 && start_helper(&s, e) == 0 &&
		  start_inside(&s, e) == 0 && start_capture(&s, e) == 0 &&
		  start_command(&s, e) == 0;
	started = started && wait_for_command(&s, &status, e) == 0;
	end_processes(&s, started);
	lacking = end_files(&s, &of_files) == -1;
	if (lacking && started && status == 0)
		return err_set(e, "%s", of_files.text);
	if (lacking && started)
		fprintf(stderr, "wedge: exec: %s\n", of_files.text);
	return started ? end_like_command(status, &s.mask) : -1;
}

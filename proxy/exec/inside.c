/* inside.c - in this order: namespaces, addresses, engine, rules that feed it, DNS. */
#include "proxy/exec/inside.h"

#include "proxy/base/capture_record.h"
#include "proxy/base/mem.h"
#include "proxy/base/slice.h"
#include "proxy/base/standard_streams.h"
#include "proxy/engine/engine.h"
#include "proxy/exec/destination.h"
#include "proxy/exec/dns.h"
#include "proxy/exec/process.h"
#include "proxy/exec/remote_connector.h"
#include "proxy/netfilter/redirect.h"
#include "proxy/ns/ack_routes.h"
#include "proxy/ns/descriptors.h"
#include "proxy/ns/id_map.h"
#include "proxy/ns/listening.h"
#include "proxy/ns/mirror.h"
#include "proxy/ns/privilege.h"
#include "proxy/stream/tls/tls_state.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOPBACK_INDEX 1 /* in every network namespace */
#define CARD_MTU       1500

/* Beyond the longest hold: a loaded machine is late by that much. */
#define ACK_PATIENCE (200 * NS_PER_MS)

/* After the command's end its last bytes may take this long, and are looked for this often. */
#define LINGER	    (2 * NS_PER_S)
#define LINGER_STEP (2 * NS_PER_MS)

struct inside {
	const struct inside_job *job;
	struct loop *loop;
	struct remote_connector *remote;
	struct engine *engine;
	struct dns *dns;
	struct redirect *redirect;
	struct journal *journal;
	struct log log;
	struct destination destination;
	struct event *control, *children;
	struct timer linger;
	int64_t linger_end;
};

static int make_namespaces(const struct inside_job *job, struct err *e)
{
	struct id_map map;

	if (job->own_users && id_map_begin(&map, e) == -1)
		return -1;
	if (unshare(CLONE_NEWNET | (job->own_users ? CLONE_NEWUSER : 0)) == -1)
		return err_errno(e, "making namespaces");
	if (job->own_users && id_map_end(&map, e) == -1)
		return -1;
	return privilege_keep(e);
}

/* Where ACKs are held nothing else may move them: the command's kernel acknowledges at once, and
 * wedge's sends nothing again before a held one has come. */
static int steady_acks(struct rtnl *here, int64_t hold, struct err *e)
{
	return hold ? ack_routes_set(here, (uint32_t)((hold + ACK_PATIENCE) / NS_PER_MS), e) : 0;
}

/* Repeats the host's interfaces: a client sees the source address that it has outside, and no route
 * where there is none. No packet ever leaves them. */
static int make_network(struct rtnl *host, int64_t ack_hold, struct err *e)
{
	struct rtnl here;
	int ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), rc = -1;

	if (ns == -1 || rtnl_open(&here, e))
		return ns == -1 ? err_errno(e, "/proc/self/ns/net") : -1;
	if (rtnl_up(&here, LOOPBACK_INDEX, e) == 0)
		rc = mirror_network(host, &here, ns, CARD_MTU, e);
	if (rc == 0)
		rc = steady_acks(&here, ack_hold, e);
	rtnl_close(&here);
	close(ns);
	return rc;
}

static void lost_cb(void *arg)
{
	struct inside *in = arg;

	log_error(&in->log, "exec: the process that opens connections has died");
	loop_stop(in->loop);
}

static void linger_cb(void *arg, int64_t now)
{
	struct inside *in = arg;

	if (engine_unsent(in->engine) && now < in->linger_end) {
		timer_arm(loop_timers(in->loop), &in->linger, now + LINGER_STEP);
		return;
	}
	engine_hang_up(in->engine);
	loop_stop(in->loop);
}

static void control_cb(evutil_socket_t fd, short what, void *arg)
{
	struct inside *in = arg;
	int64_t now = clock_now(loop_clock(in->loop));
	char byte;

	(void)what;
	event_del(in->control);
	if (recv(fd, &byte, 1, MSG_DONTWAIT) != 1) {
		loop_stop(in->loop);
		return;
	}
	/* Connections and bytes of the command are accepted and read in the next turn. */
	in->linger_end = now + LINGER;
	timer_arm(loop_timers(in->loop), &in->linger, now + LINGER_STEP);
}

/* The guard of the rules is this process's only child while the loop runs. */
static void child_cb(evutil_socket_t signal_number, short what, void *arg)
{
	siginfo_t ended = {0};
	struct inside *in = arg;

	(void)signal_number;
	(void)what;
	if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == -1 || !ended.si_pid)
		return;
	log_error(&in->log, "exec: the process that guards wedge's rules has died");
	loop_stop(in->loop);
}

static int watch_others(struct inside *in, struct err *e)
{
	in->control = loop_watch(in->loop, in->job->control, EV_READ | EV_PERSIST, control_cb, in);
	if (!in->control)
		return err_errno(e, "watching the command's supervisor");
	in->children = loop_watch(in->loop, SIGCHLD, EV_SIGNAL | EV_PERSIST, child_cb, in);
	return in->children ? 0 : err_errno(e, "watching this process's children");
}

static int make_engine(struct inside *in, struct err *e)
{
	struct engine_proxy_config pc = in->job->job->proxy;
	struct engine_config ec = {.proxies = &pc,
				   .nproxies = 1,
				   .packet_plane = in->job->job->packets,
				   .journal = in->journal,
				   .log = &in->log,
				   .seed = in->job->job->seed,
				   .hold_limit = (size_t)in->job->job->hold_limit};

	pc.listen = (struct addr){.in6 = {.sin6_family = AF_INET6}, .len = sizeof(pc.listen.in6)};
	pc.caught_elsewhere = true;
	pc.route = destination_route;
	pc.route_arg = &in->destination;
	pc.session_config.tls = in->job->tls;
	pc.session_config.tls_start = (enum tls_start_kind)in->job->job->tls->start;
	in->engine = engine_new(in->loop, &ec, e);
	if (!in->engine)
		return -1;
	in->destination.own_port = addr_port(engine_listen_addr(in->engine, 0));
	in->redirect = redirect_new_sealed(in->destination.own_port, e);
	return in->redirect ? 0 : -1;
}

/* A capture wants its copy where nobody wants the journal. */
static int open_journal(struct inside *in, struct err *e)
{
	const struct inside_job *job = in->job;

	if (job->journal)
		in->journal = journal_to_writer(job->journal, &clock_monotonic);
	else if (job->capture)
		in->journal = journal_open(NULL, &clock_monotonic, e);
	if (job->capture && in->journal)
		journal_copy(in->journal, job->capture->journal);
	return in->journal || (!job->journal && !job->capture) ? 0 : -1;
}

static int make_inside(struct inside *in, struct err *e)
{
	const struct exec_job *job = in->job->job;
	const char *defers;

	if (open_journal(in, e) == -1)
		return -1;
	journal_event(in->journal, "seed", "s:I", "seed", (json_int_t)job->seed);
	in->loop = loop_new(e);
	if (!in->loop)
		return -1;
	in->remote = remote_connector_new(in->loop, in->job->requests, lost_cb, in, e);
	if (!in->remote)
		return -1;
	in->destination.outside = in->remote;
	in->destination.hosts = in->job->hosts;
	in->destination.listening = listening_open(e);
	if (in->destination.listening == -1 || make_engine(in, e) == -1)
		return -1;
	in->dns = dns_new(in->loop, in->remote, in->job->hosts, e);
	if (!in->dns)
		return -1;
	defers = engine_defer_backend(in->engine, 0);
	log_info(&in->log, "exec: connections are caught by %s%s%s%s%s",
		 redirect_backend(in->redirect),
		 defers ? ", wait for their server's answer by " : "", defers ? defers : "",
		 job->packets ? ", packets through " : "",
		 job->packets ? engine_packet_backend(in->engine) : "");
	return 0;
}

static int send_ready(const struct inside *in, struct err *e)
{
	static const char *const paths[] = {"/proc/self/ns/user", "/proc/self/ns/net"};
	struct inside_ready ready = {{""}};
	int fds[INSIDE_FDS];

	for (size_t i = 0; i < INSIDE_FDS; i++) {
		fds[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
		if (fds[i] == -1)
			return err_errno(e, "%s", paths[i]);
	}
	if (process_send(in->job->control, &ready, sizeof(ready), fds, INSIDE_FDS) == -1)
		return err_errno(e, "telling that all is ready");
	for (size_t i = 0; i < INSIDE_FDS; i++)
		close(fds[i]);
	return 0;
}

static void explain_refusal(struct err *e)
{
	size_t used;

	privilege_explain(e);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof(e->text) - used, "; wedge proxy works without");
}

static int start_inside(struct inside *in, struct err *e)
{
	struct rtnl host; /* opened before there is another network */
	int rc;

	if (rtnl_open(&host, e))
		return -1;
	rc = make_namespaces(in->job, e);
	/* After the change of credentials, which would clear it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (rc == -1)
		explain_refusal(e);
	else
		rc = make_network(&host, in->job->job->ack_hold, e);
	rtnl_close(&host);
	if (rc == 0)
		rc = make_inside(in, e);
	if (rc == 0)
		rc = watch_others(in, e);
	return rc == 0 ? send_ready(in, e) : -1;
}

static void end_inside(struct inside *in)
{
	dns_free(in->dns);
	engine_free(in->engine, NULL);
	in->job->job->ended(in->job->job->ended_arg, in->journal, &in->log);
	remote_connector_free(in->remote);
	redirect_free(in->redirect);
	journal_lost(in->journal, "log_lost", standard_streams_losses());
	journal_close(in->journal);
}

/* Of what was open before the fork. */
static void keep_descriptors(const struct inside_job *job)
{
	const struct tls *tls = job->tls;
	int keep[7] = {job->control, job->requests};
	size_t n = 2;

	if (job->journal)
		keep[n++] = writer_bell(job->journal);
	if (tls && tls->keylog != -1) {
		keep[n++] = tls->keylog;
		keep[n++] = writer_bell(tls->keylog_writer);
	}
	if (job->capture) {
		keep[n++] = writer_bell(job->capture->journal);
		keep[n++] = writer_bell(job->capture->secrets);
	}
	process_detach("wedge-inside", keep, n);
}

_Noreturn void inside_main(const struct inside_job *job)
{
	struct inside in = {.job = job, .log = {.level = job->job->level, .out = stderr}};
	struct inside_ready failed;

	keep_descriptors(job);
	descriptors_raise();
	slice_ask();
	in.linger.fn = linger_cb;
	in.linger.arg = &in;
	if (start_inside(&in, &failed.err) == -1) {
		(void)!process_send(job->control, &failed, sizeof(failed), NULL, 0);
		_exit(1);
	}
	loop_run(in.loop);
	event_free(in.children);
	end_inside(&in);
	_exit(0);
}

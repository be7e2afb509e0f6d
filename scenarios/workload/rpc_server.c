/* rpc_server.c - one poll loop over all connections. Nagle stays on unless the parameter says
 * otherwise. */
#include "scenarios/workload/rpc_server.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/rpc_answer.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_PAUSE (100 * NS_PER_MS) /* when no descriptor was left */

static void server_accept(struct server *s)
{
	int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			s->accept_due = clock_now(&clock_monotonic) + ACCEPT_PAUSE;
		return;
	}
	if (s->cfg->nodelay)
		sock_nodelay(fd);
	if (s->npeers == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->peers = xrealloc(s->peers, s->room, sizeof(struct peer *));
		s->fds = xrealloc(s->fds, s->room + 2, sizeof(*s->fds));
	}
	s->peers[s->npeers++] = peer_new(s, fd);
	s->tally.connections++;
}

/* Frees the peers whose connection has ended. */
static void server_sweep(struct server *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->npeers; i++) {
		if (s->peers[i]->fd == -1)
			peer_free(s->peers[i]);
		else
			s->peers[kept++] = s->peers[i];
	}
	s->npeers = kept;
}

/* Waits once; the first two descriptors are the runner's and the listener's. */
static void server_wait(struct server *s)
{
	int64_t due = s->accept_due ? s->accept_due : INT64_MAX;

	s->fds[0] = (struct pollfd){.fd = s->msg_fd, .events = POLLIN};
	s->fds[1] = (struct pollfd){.fd = s->accept_due ? -1 : s->listen_fd, .events = POLLIN};
	for (size_t i = 0; i < s->npeers; i++) {
		const struct peer *p = s->peers[i];
		short events = 0;

		if (p->state == PEER_SECURING)
			events = secure_events(p->secure);
		else if (p->state == PEER_REQUEST)
			events = POLLIN;
		else if (p->state == PEER_RESPONSE)
			events = POLLOUT;
		s->fds[2 + i] = (struct pollfd){.fd = p->fd, .events = events};
		if (p->state == PEER_SERVICE && p->due < due)
			due = p->due;
	}
	sock_poll_until(s->fds, s->npeers + 2, due);
}

/* Waits once and handles the events. -1: the runner is gone; 0: stop; 1: go on. */
static int server_turn(struct server *s)
{
	size_t polled = s->npeers;
	bool knock;
	int64_t now;

	server_wait(s);
	knock = s->fds[1].revents;
	now = clock_now(&clock_monotonic);
	for (size_t i = 0; i < polled; i++) {
		struct peer *p = s->peers[i];

		if (p->state == PEER_SERVICE && p->due <= now)
			peer_begin_response(p);
		if (p->fd != -1 && s->fds[2 + i].revents)
			peer_event(p, s->fds[2 + i].revents);
		peer_parse(p);
	}
	if (s->fds[0].revents) {
		enum runner_word word = runner_obey(s->msg_fd, NULL);

		s->killed = word == RUNNER_KILL;
		if (word == RUNNER_GONE)
			return -1;
		if (word == RUNNER_STOP || word == RUNNER_KILL)
			return 0;
	}
	server_sweep(s);
	if (s->accept_due <= now)
		s->accept_due = 0;
	if (knock)
		server_accept(s);
	return tally_progress(&s->tally, now) ? -1 : 1;
}

static void server_fini(struct server *s)
{
	for (size_t i = 0; i < s->npeers; i++) {
		if (s->peers[i]->fd != -1)
			peer_close(s->peers[i]);
		peer_free(s->peers[i]);
	}
	close(s->listen_fd);
	processors_fini(&s->processors);
	tally_fini(&s->tally);
	secure_context_free(s->secure);
	free(s->peers);
	free(s->fds);
}

int rpc_serve(const struct workload_task *task, const struct rpc_server_protocol *protocol,
	      void *mine)
{
	struct server s = {.protocol = protocol,
			   .task = task,
			   .cfg = task->cfg,
			   .mine = mine,
			   .msg_fd = task->msg_fd,
			   .tally.msg_fd = task->msg_fd};
	struct addr address = task->address;
	struct err e;
	int rc = 1;

	s.listen_fd = sock_listen(&address, &e);
	if (s.listen_fd == -1)
		return runner_error(s.msg_fd, e.text);
	sock_prepare();
	if (s.cfg->tls && !(s.secure = secure_server(&address, &e))) {
		close(s.listen_fd);
		return runner_error(s.msg_fd, e.text);
	}
	s.services = rng_make(task->chance, 0, 0);
	processors_init(&s.processors, s.cfg->processors);
	s.fds = xcalloc(2, sizeof(*s.fds));
	if (msg_send(s.msg_fd, "ready", "s:i", "port", addr_port(&address)))
		rc = -1;
	while (rc == 1)
		rc = server_turn(&s);
	if (rc == 0)
		rc = tally_send(&s.tally, NULL);
	if (s.killed)
		raise(SIGKILL);
	server_fini(&s);
	return rc == 0 ? 0 : 1;
}

int rpc_server(const struct workload_task *task)
{
	static const struct rpc_server_protocol protocol = {.answer = rpc_answers_choose};
	struct rpc_answers *answers = rpc_answers_new(task->cfg, task->seed);
	int rc = rpc_serve(task, &protocol, answers);

	rpc_answers_free(answers);
	return rc;
}

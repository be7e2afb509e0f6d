/* serving.c - one poll loop over all connections. */
#include "scenarios/workload/serving.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_PAUSE (100 * NS_PER_MS) /* when no descriptor was left */

static void peer_end(struct serving *s, struct serving_peer *p)
{
	if (p->talk.fd == -1)
		return;
	s->protocol->end(p);
	s->tally.bytes_in += p->talk.bytes_in;
	s->tally.bytes_out += p->talk.bytes_out;
	talk_close(&p->talk);
}

static void peer_turn(struct serving *s, struct serving_peer *p)
{
	enum talk_event event = talk_turn(&p->talk);

	if (event == TALK_DATA)
		s->protocol->read(p);
	else if (event == TALK_EOF && s->protocol->eof)
		s->protocol->eof(p);
	else if (event == TALK_EOF || event == TALK_ERROR)
		peer_end(s, p);
	else if (event == TALK_NOTHING && p->more && p->talk.sent == p->talk.nout)
		s->protocol->write(p);
}

static void accept_one(struct serving *s)
{
	struct addr remote = {.len = sizeof(remote.in6)};
	int fd = accept4(s->listen_fd, &remote.sa, &remote.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct serving_peer *p;

	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			s->accept_due = clock_now(&clock_monotonic) + ACCEPT_PAUSE;
		return;
	}
	sock_nodelay(fd);
	p = xcalloc(1, s->protocol->peer_size);
	p->serving = s;
	p->due = INT64_MAX;
	p->remote = remote;
	p->local.len = sizeof(p->local.in6);
	(void)getsockname(fd, &p->local.sa, &p->local.len);
	addr_unmap(&p->remote);
	addr_unmap(&p->local);
	talk_init(&p->talk);
	talk_accept(&p->talk, fd);
	s->peers = xrealloc(s->peers, s->npeers + 1, sizeof(struct serving_peer *));
	s->peers[s->npeers++] = p;
	s->tally.connections++;
	if (s->protocol->begin)
		s->protocol->begin(p);
}

/* Ends the peers that the protocol has done with, and frees those whose connection has ended. */
static void sweep_peers(struct serving *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->npeers; i++) {
		struct serving_peer *p = s->peers[i];

		if (p->over && p->talk.sent == p->talk.nout)
			peer_end(s, p);
		if (p->talk.fd == -1)
			free(p);
		else
			s->peers[kept++] = p;
	}
	s->npeers = kept;
}

/* The first two descriptors are the runner's and the listener's. */
static int64_t watch_all(const struct serving *s, struct pollfd *fds)
{
	int64_t due = s->accept_due ? s->accept_due : INT64_MAX;

	fds[0] = (struct pollfd){.fd = s->task->msg_fd, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = s->accept_due ? -1 : s->listen_fd, .events = POLLIN};
	for (size_t i = 0; i < s->npeers; i++) {
		const struct serving_peer *p = s->peers[i];

		fds[2 + i] = (struct pollfd){.fd = p->talk.fd, .events = talk_events(&p->talk)};
		if (p->more)
			fds[2 + i].events |= POLLOUT;
		if (p->due < due)
			due = p->due;
	}
	return due;
}

/* Returns what the runner wants: -1: it is gone; 0: the end; 1: to go on. */
static int obey_runner(struct serving *s)
{
	enum runner_word word = runner_obey(s->task->msg_fd, NULL);

	s->killed = word == RUNNER_KILL;
	if (word == RUNNER_GONE)
		return -1;
	return word == RUNNER_STOP || word == RUNNER_KILL ? 0 : 1;
}

/* Waits once and handles the events. -1: the runner is gone; 0: stop; 1: go on. */
static int take_turn(struct serving *s, struct pollfd *fds)
{
	size_t polled = s->npeers;
	int64_t now;
	int rc = 1;

	sock_poll_until(fds, polled + 2, watch_all(s, fds));
	now = clock_now(&clock_monotonic);
	for (size_t i = 0; i < polled; i++) {
		struct serving_peer *p = s->peers[i];

		if (p->due <= now)
			s->protocol->due(p, now);
		if (fds[2 + i].revents)
			peer_turn(s, p);
	}
	sweep_peers(s);
	if (s->accept_due <= now)
		s->accept_due = 0;
	if (fds[1].revents)
		accept_one(s);
	if (fds[0].revents)
		rc = obey_runner(s);
	return tally_progress(&s->tally, now) ? -1 : rc;
}

static int serve_peers(struct serving *s)
{
	struct pollfd *fds = NULL;
	int rc = 1;

	while (rc == 1) {
		fds = xrealloc(fds, s->npeers + 2, sizeof(*fds));
		rc = take_turn(s, fds);
	}
	free(fds);
	return rc;
}

int serving_run(const struct workload_task *task, const struct serving_protocol *protocol)
{
	struct rng chance = rng_make(task->chance, 0, 0);
	struct serving s = {
	    .task = task, .protocol = protocol, .tally.msg_fd = task->msg_fd, .chance = &chance};
	struct addr address = task->address;
	struct err e;
	int rc = 1;

	s.listen_fd = sock_listen(&address, &e);
	if (s.listen_fd == -1)
		return runner_error(task->msg_fd, e.text);
	sock_prepare();
	s.own = xcalloc(1, protocol->own_size + 1);
	if (protocol->tls && !(s.secure = secure_server(&address, &e))) {
		close(s.listen_fd);
		free(s.own);
		return runner_error(task->msg_fd, e.text);
	}
	if (msg_send(task->msg_fd, "ready", "s:i", "port", addr_port(&address)))
		rc = -1;
	if (rc == 1)
		rc = serve_peers(&s);
	for (size_t i = 0; i < s.npeers && !s.killed; i++) {
		peer_end(&s, s.peers[i]);
		free(s.peers[i]);
	}
	if (rc == 0)
		rc = tally_send(&s.tally, protocol->result ? protocol->result(&s) : NULL);
	if (s.killed)
		raise(SIGKILL);
	close(s.listen_fd);
	tally_fini(&s.tally);
	secure_context_free(s.secure);
	free(s.peers);
	free(s.own);
	return rc == 0 ? 0 : 1;
}

/* balance.c - a check is a connection that is made, and with request_probe a whole exchange; it
 * ends well, or it fails or takes too long. */
#include "scenarios/workload/balance.h"

#include "proxy/base/mem.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 4096

const char *const balance_names[] = {"first", "round_robin", "connect_probe", "request_probe",
				     NULL};

static bool is_probing(const struct balance *b)
{
	return b->how == BALANCE_CONNECT_PROBE || b->how == BALANCE_REQUEST_PROBE;
}

void balance_init(struct balance *b, const struct addr *addresses, size_t n, int64_t now)
{
	b->n = n;
	b->targets = xcalloc(n, sizeof(*b->targets));
	for (size_t i = 0; i < n; i++) {
		struct target *t = &b->targets[i];

		t->address = &addresses[i];
		t->fd = -1;
		t->due = is_probing(b) ? now + (int64_t)i * b->every / (int64_t)n : INT64_MAX;
	}
}

void balance_free(struct balance *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->targets[i].fd != -1)
			close(b->targets[i].fd);
	free(b->targets);
	free(b->request);
}

const struct addr *balance_pick(struct balance *b)
{
	if (b->how == BALANCE_FIRST)
		return b->targets[0].address;
	for (size_t i = 0; i < b->n; i++) {
		const struct target *t = &b->targets[b->next++ % b->n];

		if (!t->down)
			return t->address;
	}
	return b->targets[b->next++ % b->n].address;
}

static void end_check(struct balance *b, struct target *t, bool well)
{
	b->probes++;
	b->probes_ok += well;
	t->down = !well;
	if (t->fd != -1)
		close(t->fd);
	t->fd = -1;
}

/* Begins a check. Its successor is due probe_every later, however long this one takes. */
static void begin_check(struct balance *b, struct target *t, int64_t now)
{
	t->connected = false;
	t->nanswer = 0;
	http_begin(&t->http, HTTP_RESPONSE, false);
	t->due = now + b->timeout;
	t->fd = sock_connect(t->address, NULL, NULL);
	if (t->fd != -1)
		return;
	end_check(b, t, false);
	t->due = now + b->every;
}

/* The connection is there, or was refused. Returns whether the check goes on. */
static bool take_connection(struct balance *b, struct target *t)
{
	ssize_t n;

	if (sock_take_error(t->fd)) {
		end_check(b, t, false);
		return false;
	}
	if (b->how == BALANCE_CONNECT_PROBE) {
		end_check(b, t, true);
		return false;
	}
	n = send(t->fd, b->request, b->size, MSG_NOSIGNAL);
	if (n != (ssize_t)b->size) {
		end_check(b, t, false);
		return false;
	}
	t->connected = true;
	return true;
}

/* What has come of an answer, or its end (n 0). 1: it is a good one; 0: it isn't whole; -1: it is
 * none, or says no. */
static int judge_http(struct target *t, const char *data, size_t n)
{
	if (n ? http_feed(&t->http, data, n, NULL) == -1 : http_end(&t->http, NULL) == -1)
		return -1;
	if (n && !http_done(&t->http))
		return 0;
	return t->http.status < 400 ? 1 : -1;
}

static int judge_turn(struct target *t, const char *data, size_t n)
{
	struct stun_message m;
	ssize_t rc;

	if (!n || n > sizeof(t->answer) - t->nanswer)
		return -1;
	memcpy(t->answer + t->nanswer, data, n);
	t->nanswer += n;
	rc = stun_parse(t->answer, t->nanswer, &m, NULL);
	if (rc <= 0)
		return (int)rc;
	/* A check has no credentials: who asks for some is well. */
	return m.class == STUN_SUCCESS || m.error == 401 ? 1 : -1;
}

/* Returns whether the check goes on. */
static bool take_answer(struct balance *b, struct target *t)
{
	char piece[PIECE];
	ssize_t n = recv(t->fd, piece, sizeof(piece), 0);
	int rc = -1;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n >= 0)
		rc = (b->asks == BALANCE_HTTP ? judge_http : judge_turn)(t, piece, (size_t)n);
	if (rc)
		end_check(b, t, rc == 1);
	return !rc;
}

void balance_watch(const struct balance *b, struct pollfd *fds, int64_t *due)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct target *t = &b->targets[i];

		fds[i] = (struct pollfd){.fd = t->fd, .events = t->connected ? POLLIN : POLLOUT};
		if (t->due < *due)
			*due = t->due;
	}
}

void balance_turn(struct balance *b, const struct pollfd *fds, int64_t now)
{
	for (size_t i = 0; i < b->n; i++) {
		struct target *t = &b->targets[i];
		/* Without a check under way due may be never. */
		int64_t began = t->fd == -1 ? 0 : t->due - b->timeout;
		int64_t next = began + b->every;

		if (t->fd != -1 && t->fd == fds[i].fd && fds[i].revents) {
			if (!(t->connected ? take_answer(b, t) : take_connection(b, t)))
				t->due = next;
		} else if (t->fd != -1 && t->due <= now) {
			end_check(b, t, false);
			t->due = next;
		}
		if (t->fd == -1 && t->due <= now)
			begin_check(b, t, now);
	}
}

/* rpc_balance.c - a check is a connection that is made, and with request_probe a whole exchange; it
 * ends well, or it fails or takes too long. */
#include "scenarios/workload/rpc_balance.h"

#include "proxy/base/mem.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 4096

static bool is_probing(const struct balance *b)
{
	return b->cfg->balance == RPC_CONNECT_PROBE || b->cfg->balance == RPC_REQUEST_PROBE;
}

void balance_init(struct balance *b, const struct workload_task *task,
		  const struct rpc_client_cfg *cfg, int64_t now)
{
	char host[ADDR_TEXT];

	*b = (struct balance){.cfg = cfg, .n = task->naddresses ? task->naddresses : 1};
	b->targets = xcalloc(b->n, sizeof(*b->targets));
	for (size_t i = 0; i < b->n; i++) {
		struct target *t = &b->targets[i];

		t->address = task->naddresses ? &task->addresses[i] : &task->address;
		t->fd = -1;
		t->due =
		    is_probing(b) ? now + (int64_t)i * cfg->probe_every / (int64_t)b->n : INT64_MAX;
	}
	b->size = http_request_min("GET", cfg->path);
	b->request = xcalloc(1, b->size + 1);
	http_request(b->request, b->size, "GET", addr_format(&task->address, host), cfg->path);
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
	if (b->cfg->balance == RPC_FIRST)
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
	http_begin(&t->http, HTTP_RESPONSE, false);
	t->due = now + b->cfg->probe_timeout;
	t->fd = sock_connect(t->address, NULL, NULL);
	if (t->fd != -1)
		return;
	end_check(b, t, false);
	t->due = now + b->cfg->probe_every;
}

/* The connection is there, or was refused. Returns whether the check goes on. */
static bool take_connection(struct balance *b, struct target *t)
{
	ssize_t n;

	if (sock_take_error(t->fd)) {
		end_check(b, t, false);
		return false;
	}
	if (b->cfg->balance == RPC_CONNECT_PROBE) {
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

static bool take_answer(struct balance *b, struct target *t)
{
	char piece[PIECE];
	ssize_t n = recv(t->fd, piece, sizeof(piece), 0);
	bool ends = n == 0 && http_end(&t->http, NULL) == 0;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n > 0 && http_feed(&t->http, piece, (size_t)n, NULL) != -1 && !http_done(&t->http))
		return true;
	end_check(b, t, (ends || http_done(&t->http)) && t->http.status < 400);
	return false;
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
		int64_t began = t->fd == -1 ? 0 : t->due - b->cfg->probe_timeout;
		int64_t next = began + b->cfg->probe_every;

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

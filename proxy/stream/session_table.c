/* session_table.c - one deferred function gives the waking sessions their turns, for a bounded
 * time, and then frees the closed ones. */
#include "proxy/stream/session_table.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/resolve.h"

#include <malloc.h>

#define TURN_TIME (2 * NS_PER_MS)

/* Not while sessions come and go, which would ask for it again. */
static void trim_memory(void *arg, int64_t now)
{
	struct session_table *t = arg;

	if (!t->closed_lately) {
		malloc_trim(0);
		return;
	}
	t->closed_lately = false;
	timer_arm(t->env.timers, &t->trim, now + NS_PER_S);
}

struct session_table *session_table_new(struct loop *loop, const struct env *env,
					struct session_commons *commons,
					const struct session_table_ops *ops, struct err *e)
{
	struct session_table *t = xcalloc(1, sizeof(*t));

	t->ops = ops;
	t->loop = loop;
	t->env = *env;
	t->commons = commons;
	TAILQ_INIT(&t->open);
	TAILQ_INIT(&t->awake);
	TAILQ_INIT(&t->closed);
	t->resolver = resolver_new(loop, e);
	if (!t->resolver) {
		free(t);
		return NULL;
	}
	t->trim.fn = trim_memory;
	t->trim.arg = t;
	t->ground.edges = loop_edges(loop);
	ack_debts_init(&t->ground.debts, &t->env, sock_quickack);
	pipe_pool_init(&t->ground.pipes, &t->env);
	return t;
}

/* A session that is still to wake is left for the next turn. */
static void free_closed(struct session_table *t)
{
	struct session *s, *next;

	for (s = TAILQ_FIRST(&t->closed); s; s = next) {
		next = TAILQ_NEXT(s, entry);
		if (s->awake && !t->orphan)
			continue;
		TAILQ_REMOVE(&t->closed, s, entry);
		t->ops->free(s);
	}
}

static void note_closed(struct session_table *t)
{
	t->closed_lately = true;
	if (!timer_armed(&t->trim))
		timer_arm(t->env.timers, &t->trim, clock_now(t->env.clock) + NS_PER_S);
}

static void give_turns(void *arg);

static void request_turn(struct session_table *t)
{
	if (t->turn_due)
		return;
	t->turn_due = true;
	loop_defer(t->loop, give_turns, t);
}

/* Gives each waking session one turn; a session that wakes again gets it next time. Those that find
 * no place in TURN_TIME are first then: sockets, timers and signals are looked at in between. The
 * closed sessions are freed at the end, when no callback of theirs is on the stack. */
static void give_turns(void *arg)
{
	struct session_table *t = arg;
	struct session_list now = TAILQ_HEAD_INITIALIZER(now);
	int64_t end = clock_now(t->env.clock) + TURN_TIME;
	struct session *s;

	t->turn_due = false;
	if (t->orphan) {
		free(t);
		return;
	}
	TAILQ_CONCAT(&now, &t->awake, awake_entry);
	while ((s = TAILQ_FIRST(&now)) && clock_now(t->env.clock) < end) {
		TAILQ_REMOVE(&now, s, awake_entry);
		s->awake = false;
		t->ops->turn(s);
	}
	if (s) {
		TAILQ_CONCAT(&now, &t->awake, awake_entry);
		TAILQ_CONCAT(&t->awake, &now, awake_entry);
		request_turn(t);
	}
	free_closed(t);
	if (!t->n && t->emptied)
		t->emptied(t->emptied_arg);
}

void session_table_poke(struct session_table *t)
{
	request_turn(t);
}

void session_wake(struct session *s)
{
	if (s->awake || s->state == SESSION_CLOSED)
		return;
	s->awake = true;
	TAILQ_INSERT_TAIL(&s->table->awake, s, awake_entry);
	request_turn(s->table);
}

void session_enlist(struct session *s)
{
	TAILQ_INSERT_TAIL(&s->table->open, s, entry);
	if (s->config.kin)
		TAILQ_INSERT_TAIL(s->config.kin, s, kin_entry);
	s->table->n++;
	s->table->accepted++;
}

static void tally_session(const struct session *s, struct session_tally *tally)
{
	tally->sessions++;
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		tally->got[leg] += s->ep[leg].got;
		tally->sent[leg] += s->ep[leg].sent;
	}
	for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
		tally->left[dir] += s->flow[dir].time.left;
		tally->waited[dir] += s->flow[dir].time.waited;
	}
}

void session_delist(struct session *s)
{
	struct session_table *t = s->table;

	TAILQ_REMOVE(&t->open, s, entry);
	if (s->config.kin)
		TAILQ_REMOVE(s->config.kin, s, kin_entry);
	if (s->config.tally)
		tally_session(s, s->config.tally);
	TAILQ_INSERT_TAIL(&t->closed, s, entry);
	t->n--;
	note_closed(t);
	t->bytes[DIR_UPSTREAM] += s->ep[LEG_SERVER].sent;
	t->bytes[DIR_DOWNSTREAM] += s->ep[LEG_CLIENT].sent;
	request_turn(t);
}

uint64_t session_table_bytes(const struct session_table *t, enum dir dir)
{
	uint64_t sum = t->bytes[dir];
	const struct session *s;

	TAILQ_FOREACH (s, &t->open, entry)
		sum += s->ep[dir == DIR_UPSTREAM ? LEG_SERVER : LEG_CLIENT].sent;
	return sum;
}

static bool has_sent(const struct session *s)
{
	const struct endpoint *server = &s->ep[LEG_SERVER];

	return server->fin_sent || server->gone || s->state == SESSION_REFUSED;
}

size_t session_table_unsent(const struct session_table *t)
{
	const struct session *s;
	size_t n = 0;

	TAILQ_FOREACH (s, &t->open, entry)
		n += !has_sent(s);
	return n;
}

void session_table_hang_up(struct session_table *t)
{
	struct session *s, *next;

	for (s = TAILQ_FIRST(&t->open); s; s = next) {
		next = TAILQ_NEXT(s, entry);
		if (has_sent(s))
			t->ops->close(s, CLOSE_DONE, "the client's program has ended");
	}
}

void session_table_silence(struct session_table *t)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&t->open))) {
		for (enum leg leg = 0; leg < LEG_COUNT; leg++)
			if (s->ep[leg].fd != -1)
				sock_silence(s->ep[leg].fd);
		if (s->server_fd != -1)
			sock_silence(s->server_fd);
		t->ops->close(s, CLOSE_STOPPED, "the end, without a word to either side");
	}
}

void session_table_free(struct session_table *t)
{
	struct session *s;

	if (!t)
		return;
	while ((s = TAILQ_FIRST(&t->open)))
		t->ops->close(s, CLOSE_STOPPED, "wedge was stopped");
	t->orphan = true;
	free_closed(t);
	resolver_free(t->resolver);
	ack_debts_fini(&t->ground.debts);
	pipe_pool_fini(&t->ground.pipes);
	timer_cancel(t->env.timers, &t->trim);
	if (!t->turn_due)
		free(t);
}

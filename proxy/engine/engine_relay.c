/* engine_relay.c - a loop by way of another program is a chain of sessions that all wait for their
 * server, each of which has opened the next. */
#include "proxy/engine/engine_relay.h"

#include "proxy/base/clock.h"
#include "proxy/stream/session_table.h"

#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

enum { FIRST_LOOK = 64, LATEST = 8, DESCRIPTORS_MANY = 4096 };

#define ANSWER_AFTER (20 * NS_PER_MS)  /* of a thread */
#define SPENT_MAX    (200 * NS_PER_MS) /* of a second, by looks that a thread doesn't do */
#define REST	     (500 * NS_PER_MS) /* after a look in vain: it costs a processor's time */
#define REMEMBERED   (60 * NS_PER_S)
#define ALL_STOPPED  (300 * NS_PER_MS) /* until what goes round has come by */

static bool is_silent(const struct session *s)
{
	return s->ep[LEG_CLIENT].sent == 0;
}

static bool latest_are_silent(const struct engine_proxy *p)
{
	const struct session *s;
	size_t n = 0;

	TAILQ_FOREACH_REVERSE(s, &p->open, session_list, kin_entry)
	{
		if (!is_silent(s))
			return false;
		if (++n == LATEST)
			break;
	}
	return n == LATEST;
}

static size_t count_descriptors(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == -1 ? SIZE_MAX : limit.rlim_cur;
}

/* Where descriptors are few, earlier: a session takes two or three. */
static size_t first_look(void)
{
	size_t n = count_descriptors() / 16;

	return n >= FIRST_LOOK ? FIRST_LOOK : n > LATEST ? n : LATEST;
}

/* A chain may take all descriptors before a thread has looked: where they are few, or where the
 * thread finds no processor. */
static bool is_urgent(const struct engine_proxy *p)
{
	size_t n = count_descriptors();

	return (n < DESCRIPTORS_MANY && p->users >= n / 8) ||
	       (p->relays.look && p->users >= 8 * p->relays.look_at);
}

/* Half a second after a look in vain nobody has 32 times as many clients, but a chain has. */
static bool grows_fast(const struct engine_proxy *p)
{
	return p->users >= 16 * p->relays.look_at; /* which is twice what there were */
}

bool engine_relay_suspected(struct engine_proxy *p)
{
	struct relay_state *r = &p->relays;

	if (r->until && clock_now(p->engine->env.clock) < r->until)
		return true;
	if (clock_now(p->engine->env.clock) < r->rest_until && !grows_fast(p))
		return false;
	if (r->look)
		return relay_look_done(r->look) || is_urgent(p);
	if (!r->look_at || p->users < r->look_at / 4)
		r->look_at = first_look();
	return p->users >= r->look_at && latest_are_silent(p);
}

static bool has_passed(const struct session *s, const char *proxy)
{
	return strcmp(s->config.proxy, proxy) == 0 || (s->passed && passed_has(s->passed, proxy));
}

/* Ends a look. Returns the session of p that its program has been reached by, or NULL. */
static struct session *judge_look(struct engine_proxy *p, struct relay_look *l)
{
	struct relay_state *r = &p->relays;
	struct relay relay;
	struct session *s = relay_look_judge(l, p->engine->sessions, &relay);
	int64_t now = clock_now(p->engine->env.clock);

	relay_look_free(l);
	r->look_at = 2 * p->users;
	if (!s || !is_silent(s) || !has_passed(s, p->name)) {
		r->rest_until = now + REST;
		return NULL;
	}
	r->until = now + REMEMBERED;
	r->all_until = now + ALL_STOPPED;
	r->last = relay;
	r->of = s->number;
	return s;
}

/* Looks at once, as long as there is time for it. */
static bool look_now(struct engine_proxy *p, struct relay_look *l)
{
	struct relay_state *r = &p->relays;
	int64_t now = clock_now(p->engine->env.clock);

	if (now >= r->period + NS_PER_S) {
		r->period = now;
		r->spent = 0;
	}
	if (r->spent > SPENT_MAX) {
		relay_look_free(l);
		return false;
	}
	relay_look_run(l);
	r->spent += clock_now(p->engine->env.clock) - now;
	return judge_look(p, l) != NULL;
}

/* For a chain that has no room to grow, and so begins no session that would ask. */
static void look_for_answer_cb(void *arg, int64_t now)
{
	struct engine_proxy *p = arg;
	struct relay_look *l = p->relays.look;
	struct session_table *t = p->engine->sessions;
	struct session *s;

	if (!l)
		return;
	if (!relay_look_done(l)) {
		timer_arm(loop_timers(p->engine->loop), &p->relays.timer, now + ANSWER_AFTER);
		return;
	}
	p->relays.look = NULL;
	s = judge_look(p, l);
	if (s)
		t->ops->close(s, CLOSE_BROKEN, "it has come back by way of %s",
			      p->relays.last.name);
}

static bool find_relay(struct engine_proxy *p, const struct addr *peer, const struct addr *local,
		       const struct addr *original)
{
	struct relay_state *r = &p->relays;
	struct relay_look *l = r->look;

	if (l && relay_look_done(l)) {
		r->look = NULL;
		return judge_look(p, l) != NULL;
	}
	l = relay_look_new(peer, local, original, r->last.many ? r->last.pid : 0);
	if (is_urgent(p) || r->until > clock_now(p->engine->env.clock))
		return look_now(p, l);
	if (r->look || relay_look_start(l) == -1) {
		relay_look_free(l);
		return false;
	}
	r->look = l;
	r->timer.fn = look_for_answer_cb;
	r->timer.arg = p;
	timer_arm(loop_timers(p->engine->loop), &r->timer,
		  clock_now(p->engine->env.clock) + ANSWER_AFTER);
	return false;
}

void engine_relay_forget(struct engine_proxy *p)
{
	timer_cancel(loop_timers(p->engine->loop), &p->relays.timer);
	relay_look_free(p->relays.look);
	p->relays.look = NULL;
}

bool engine_relay_loops(struct engine_proxy *p, const struct addr *peer, const struct addr *local,
			const struct addr *original, struct relay *relay, uint64_t *of)
{
	if (p->relays.all_until <= clock_now(p->engine->env.clock) &&
	    !find_relay(p, peer, local, original))
		return false;
	*relay = p->relays.last;
	*of = p->relays.of;
	return true;
}

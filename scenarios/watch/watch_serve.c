/* watch_serve.c - nothing here is in the run's way: the process has only its socket, and what comes
 * too fast for it is lost. */
#include "scenarios/watch/watch_serve.h"

#include "proxy/api/followers.h"
#include "proxy/api/http_server.h"
#include "proxy/api/page.h"
#include "proxy/api/v1_problem.h"
#include "proxy/base/clock.h"
#include "proxy/base/loop.h"
#include "proxy/base/mem.h"
#include "proxy/base/version.h"
#include "scenarios/base/run_news.h"
#include "scenarios/watch/watch_state.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEEN_LATELY (6 * NS_PER_S)    /* a page that has asked since then is open */
#define END_LIMIT   (4 * NS_PER_S)    /* for such a page to hear of the end */
#define END_LINGER  (500 * NS_PER_MS) /* for the answer to be sent, and for further pages */
#define AT_ONCE	    256		      /* messages in a turn */

struct server {
	int news;
	struct loop *loop;
	struct http_server *http;
	struct followers *followers;
	struct event *event;
	struct timer end;
	struct watch_state state;
	int64_t asked;	/* when a page has asked last; monotonic, 0: never */
	int64_t end_by; /* when this process ends at the latest, once nothing more comes */
	char id[32];	/* tells this run from others at the same address */
	char message[RUN_NEWS_MAX + 1];
};

static int64_t now_of(const struct server *s)
{
	return clock_now(loop_clock(s->loop));
}

static void end_cb(void *arg, int64_t now)
{
	struct server *s = arg;

	(void)now;
	loop_stop(s->loop);
}

/* However often it is asked, the run doesn't wait longer for it. */
static void end_after(struct server *s, int64_t time)
{
	int64_t at = now_of(s) + time;

	timer_cancel(loop_timers(s->loop), &s->end);
	timer_arm(loop_timers(s->loop), &s->end, at < s->end_by ? at : s->end_by);
}

/* No more news comes. */
static void end_news(struct server *s)
{
	bool shown = s->asked && now_of(s) - s->asked < SEEN_LATELY;

	if (!s->event)
		return;
	event_free(s->event);
	s->event = NULL;
	s->state.ended = true;
	s->end_by = now_of(s) + END_LIMIT;
	end_after(s, shown ? END_LIMIT : 0);
}

static void take_message(struct server *s, size_t len)
{
	json_t *m;

	if (s->message[0] == RUN_NEWS_LINE) {
		followers_send(s->followers, s->message + 1, len - 1);
		return;
	}
	m = json_loadb(s->message, len, 0, NULL);
	if (m && json_object_get(m, "lines"))
		followers_lose(s->followers,
			       (uint64_t)json_integer_value(json_object_get(m, "lines")));
	watch_state_take(&s->state, m, now_of(s));
	json_decref(m);
	if (s->state.ended)
		end_news(s);
}

static void news_cb(int fd, short what, void *arg)
{
	struct server *s = arg;

	(void)what;
	for (int i = 0; i < AT_ONCE && s->event; i++) {
		ssize_t n = recv(fd, s->message, RUN_NEWS_MAX, MSG_DONTWAIT);

		if (n > 0)
			take_message(s, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			end_news(s);
		else
			return;
	}
}

static void answer_run(struct server *s, struct http_answer *a)
{
	v1_json(a, 200, watch_state_run(&s->state, now_of(s)));
	if (s->state.ended)
		end_after(s, END_LINGER);
}

static void answer_journal(struct server *s, struct evhttp_request *in, struct http_answer *a)
{
	if (followers_add(s->followers, in))
		a->status = HTTP_STREAMS;
	else
		v1_problem(a, 503, "as many follow the journal as may");
}

static void answer_api(struct server *s, const char *path, struct evhttp_request *in,
		       struct http_answer *a)
{
	if (strcmp(path, "health") == 0)
		v1_json(a, 200,
			json_pack("{s:s, s:s, s:s}", "status", "ok", "version", WEDGE_VERSION,
				  "run", s->id));
	else if (strcmp(path, "run") == 0)
		answer_run(s, a);
	else if (strcmp(path, "stats") == 0)
		v1_json(a, 200, watch_state_stats(&s->state, now_of(s)));
	else if (strcmp(path, "sessions") == 0)
		v1_json(a, 200, watch_state_sessions(&s->state));
	else if (strcmp(path, "proxies") == 0)
		v1_json(a, 200, watch_state_proxies(&s->state));
	else if (strcmp(path, "journal") == 0)
		answer_journal(s, in, a);
	else
		v1_problem(a, 404,
			   "a run is only shown: health, run, stats, sessions, proxies, "
			   "journal");
}

static void answer_cb(void *arg, const struct http_request *r, struct evhttp_request *in,
		      struct http_answer *a)
{
	static const char root[] = "/wedge/v1/";
	struct server *s = arg;

	s->asked = now_of(s);
	if (r->method != EVHTTP_REQ_GET && r->method != EVHTTP_REQ_HEAD)
		v1_problem(a, 405, "a run is only shown");
	else if (strncmp(r->path, root, strlen(root)) == 0)
		answer_api(s, r->path + strlen(root), in, a);
	else if (!page_answer(r, in, a))
		v1_problem(a, 404, "there is nothing here");
}

static void refuse_cb(const char *path, const char *why, struct http_answer *a)
{
	(void)path;
	v1_problem(a, a->status, why);
}

static int listen_at(struct server *s, const struct addr *listen, bool other, struct err *e)
{
	struct http_server_config c = {
	    .listen = *listen, .answer = answer_cb, .arg = s, .refuse = refuse_cb};

	s->http = http_server_new(s->loop, &c, e);
	if (s->http || !other)
		return s->http ? 0 : -1;
	addr_set_port(&c.listen, 0);
	s->http = http_server_new(s->loop, &c, e);
	return s->http ? 0 : -1;
}

static int prepare_server(struct server *s, const struct addr *listen, bool other, struct err *e)
{
	snprintf(s->id, sizeof(s->id), "%lld", (long long)clock_wall());
	s->end.fn = end_cb;
	s->end.arg = s;
	s->loop = loop_new(e);
	if (!s->loop)
		return -1;
	s->followers = followers_new(NULL, NULL);
	s->event = loop_watch(s->loop, s->news, EV_READ | EV_PERSIST, news_cb, s);
	if (!s->event)
		return err_errno(e, "can't watch the run's news");
	return listen_at(s, listen, other, e);
}

/* Returns false when whoever has started it isn't there. */
static bool say_ready(const struct server *s, const struct err *e)
{
	char text[sizeof(e->text) + ADDR_TEXT], address[ADDR_TEXT];

	if (s->http)
		snprintf(text, sizeof(text), "%chttp://%s/", WATCH_READY,
			 addr_format(http_server_addr(s->http), address));
	else
		snprintf(text, sizeof(text), "%s", e->text);
	return send(s->news, text, strlen(text), MSG_NOSIGNAL) != -1;
}

/* Signals from a terminal are for the run, whose end this process hears of. */
static void leave_terminal(void)
{
	sigset_t all;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "wedge-watch");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = 0; fd < 3; fd++) /* no pipeline must wait for this process */
		close(fd);
}

_Noreturn void watch_serve(int news, const struct addr *listen, bool other)
{
	struct server *s = xcalloc(1, sizeof(*s));
	struct err e = {""};
	int rc;

	leave_terminal();
	s->news = news;
	rc = prepare_server(s, listen, other, &e);
	if (say_ready(s, &e) && rc == 0)
		loop_run(s->loop);
	_exit(0);
}

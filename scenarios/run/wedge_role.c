/* wedge_role.c - an engine with the proxies of a phase. A phase is over for it when the packet
 * queue is quiet; it ends when all others have. */
#include "scenarios/run/wedge_role.h"

#include "impairments/live/apply.h"
#include "impairments/live/tell.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "proxy/engine/engine.h"
#include "proxy/stream/tls/tls.h"
#include "proxy/stream/tls/tls_state.h"
#include "scenarios/base/msg.h"
#include "scenarios/lab/lab.h"
#include "scenarios/lab/sysctl.h"
#include "scenarios/run/wedge_news.h"
#include "scenarios/run/wedge_proxies.h"

#include <event2/event.h>
#include <string.h>

/* Sessions that hang are no reason to wait longer for the wire to be quiet. */
#define SETTLE_LIMIT (2 * NS_PER_S)

/* The captures end where nothing has come for QUIET_LOOKS looks in a row and no packet is held:
 * what the applications' ends put on the wire is in them then, whatever was held of it. Several
 * looks, since a loop that was not scheduled for a while finds its timer due before it has read the
 * queue. */
#define QUIET_LOOKS 3
#define QUIET_TIME  (10 * NS_PER_MS) /* between two looks */

/* Who looks at the run while it goes on reads the journal's file. */
#define FLUSH_TIME (100 * NS_PER_MS)

struct wedge_role {
	const struct wedge_role_config *config;
	int msg_fd;
	struct loop *loop;
	struct engine *engine;
	struct journal *journal;
	struct event *orders;
	struct timer give_up, quiet, flush;
	unsigned looks;		     /* looks in a row that have found nothing new */
	int64_t quiet_since;	     /* wall clock, at the first of these looks */
	struct engine_stats settled; /* as they were then */
	struct wedge_proxies proxies;
	struct wedge_news news;
	struct tls *tls; /* NULL: TLS passes */
	bool settling, over;
};

/* The authority is made in the folder, as ca.pem and ca.key. NULL with *e. */
static struct tls *terminate_tls(const char *folder, struct err *e)
{
	struct tls_config config = {0};
	struct tls *tls;

	param_defaults(tls_params, &config);
	config.mode = TLS_TERMINATE;
	free(config.ca);
	config.ca = xstrdup(folder);
	tls = tls_new(&config, e);
	param_free(tls_params, &config);
	return tls;
}

static int start_engine(struct wedge_role *r, const struct log *log, struct err *e)
{
	struct engine_config config = {
	    .packet_plane = true, /* in every phase, so that equal packets pass an equal queue */
	    .journal = r->journal,
	    .log = log,
	    .timed = r->config->news,
	    .seed = rng_part_seed(r->config->draws, r->config->label),
	};

	if (r->config->ca_folder && !(r->tls = terminate_tls(r->config->ca_folder, e)))
		return -1;
	if (wedge_proxies_init(&r->proxies, r->config->phase, r->config->lab, r->config->intercept,
			       r->tls, e) == -1)
		return -1;
	config.proxies = r->proxies.config;
	config.nproxies = r->proxies.n;
	r->engine = engine_new(r->loop, &config, e);
	return r->engine ? 0 : -1;
}

/* The phase is over: what comes from here on is in no capture, and no count. */
static void end_phase(struct wedge_role *r)
{
	if (r->over)
		return;
	r->over = true;
	timer_cancel(loop_timers(r->loop), &r->give_up);
	timer_cancel(loop_timers(r->loop), &r->quiet);
	journal_event(r->journal, "phase_end", NULL);
	journal_mute(r->journal, true);
	if (msg_send(r->msg_fd, "settled", "s:I", "at", (json_int_t)r->quiet_since) == -1)
		loop_stop(r->loop);
}

/* Something is on its way for ever, or so often that it is never quiet. */
static void give_up(void *arg, int64_t now)
{
	struct wedge_role *r = arg;

	(void)now;
	r->quiet_since = clock_wall();
	engine_stats(r->engine, &r->settled);
	end_phase(r);
}

static void quiet_cb(void *arg, int64_t now)
{
	struct wedge_role *r = arg;
	struct engine_stats s;

	engine_stats(r->engine, &s);
	if (s.packets.received == r->settled.packets.received && s.packets.held_now == 0 &&
	    s.sessions_open == 0) {
		r->looks++;
	} else {
		r->looks = 0;
		r->quiet_since = clock_wall();
		r->settled = s;
	}
	if (r->looks == QUIET_LOOKS)
		end_phase(r);
	else
		timer_arm(loop_timers(r->loop), &r->quiet, now + QUIET_TIME);
}

static void flush_cb(void *arg, int64_t now)
{
	struct wedge_role *r = arg;

	journal_flush(r->journal);
	timer_arm(loop_timers(r->loop), &r->flush, now + FLUSH_TIME);
}

static void await_quiet(struct wedge_role *r)
{
	int64_t now = clock_now(loop_clock(r->loop));

	r->settling = true;
	r->give_up.fn = give_up;
	r->quiet.fn = quiet_cb;
	r->give_up.arg = r->quiet.arg = r;
	r->settled.packets.received = UINT64_MAX;
	timer_arm(loop_timers(r->loop), &r->give_up, now + SETTLE_LIMIT);
	quiet_cb(r, now);
}

static int change_set(struct wedge_role *r, const json_t *m, struct err *e)
{
	const char *name = json_string_value(json_object_get(m, "name"));
	struct impairment_set *set = r->proxies.set;

	if (!name || impairment_set_find(set, name, e) == -1)
		return name ? -1 : err_set(e, "no impairment is named");
	if (strcmp(msg_type(m), "reset") == 0)
		return impairment_set_reset(set, name, e);
	return impairment_set_update(set, name, json_string_value(json_object_get(m, "param")),
				     json_string_value(json_object_get(m, "value")),
				     r->config->intercept == INTERCEPT_FORWARD, e);
}

/* Does what a step of the phase wants, {"type":"set","name","param","value"} or
 * {"type":"reset","name"}, through the functions that change a set at work, and answers. */
static void change_impairment(struct wedge_role *r, const json_t *m)
{
	struct err e;
	int rc;

	engine_let_wait(r->engine, true);
	rc = change_set(r, m, &e);
	engine_let_wait(r->engine, false);
	rc = rc == 0 ? msg_send(r->msg_fd, "done", NULL)
		     : msg_send(r->msg_fd, "error", "s:s", "text", e.text);
	if (rc == -1)
		loop_stop(r->loop);
}

static void orders_cb(evutil_socket_t fd, short what, void *arg)
{
	struct wedge_role *r = arg;
	json_t *m = NULL;
	int got = msg_recv(fd, 1000, &m, NULL);
	bool stop = got == 1 && strcmp(msg_type(m), "stop") == 0;

	(void)what;
	if (got == -1 || stop)
		loop_stop(r->loop);
	else if (got == 1 && strcmp(msg_type(m), "settle") == 0 && !r->settling)
		await_quiet(r);
	else if (got == 1 && !r->settling)
		change_impairment(r, m);
	json_decref(m);
}

/* Tells of every impairment on how many sessions it has acted, to the journal and to the runner. */
static json_t *tell_impairments(const struct wedge_role *r)
{
	struct impairment_set *set = r->proxies.set;
	json_t *list = json_array();

	impairment_set_tell(set, r->journal, NULL);
	for (size_t i = 0; i < set->n; i++) {
		const struct impair_inst *inst = &set->inst[i];
		const struct impair_tally *t = &inst->tally;

		json_array_append_new(
		    list, json_pack("{s:s, s:I, s:I, s:s*}", "impairment", inst->name, "sessions",
				    (json_int_t)t->sessions, "acted", (json_int_t)t->acted, "why",
				    t->acted ? NULL : impair_inst_idle_reason(inst)));
	}
	return list;
}

/* The lab may end, and this process with it, as soon as the result is known. The kernel drops what
 * waits in the queue when the rules go away: verdicts refused after the phase are no fault of it.
 */
static int send_result(struct wedge_role *r, const struct engine_stats *s)
{
	json_t *acted = tell_impairments(r);

	journal_flush(r->journal);
	return msg_send(
	    r->msg_fd, "result",
	    "s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:I, s:o", "sessions",
	    (json_int_t)s->sessions_accepted, "sessions_left", (json_int_t)s->sessions_open,
	    "packets", (json_int_t)s->packets.received, "packets_accepted",
	    (json_int_t)s->packets.accepted, "packets_dropped", (json_int_t)s->packets.dropped,
	    "packets_injected", (json_int_t)s->packets.injected, "packets_held",
	    (json_int_t)s->packets.held_total, "packets_left", (json_int_t)s->packets.held_now,
	    "packets_foreign", (json_int_t)s->packets.foreign, "overflows",
	    (json_int_t)s->packets.overflows, "errors", (json_int_t)s->packets.errors, "error",
	    s->packets.first_error ? strerror(s->packets.first_error) : NULL, "connections",
	    (json_int_t)s->packets.connections, "impairments", acted);
}

/* The end of a lab is nobody's word: sessions that hang are not reset on the wire, and packets that
 * their ends still send to each other's addresses aren't forwarded. */
static void end_silently(struct wedge_role *r)
{
	struct err why;

	if (r->config->intercept == INTERCEPT_TRANSPARENT && sysctl_stop_forwarding(&why) == -1)
		fprintf(stderr, "wedge: warning: %s\n", why.text);
	engine_silence(r->engine);
}

static int run_role(struct wedge_role *r, struct err *e)
{
	struct log log = {.level = (enum log_level)r->config->log_level, .out = stderr};
	int rc = -1;

	r->loop = loop_new(e);
	if (!r->loop)
		return -1;
	r->journal = journal_open(r->config->journal_path, &clock_monotonic, e);
	if (!r->journal)
		goto out_loop;
	journal_event(r->journal, "phase", "s:s, s:I", "phase", r->config->label, "seed",
		      (json_int_t)r->config->seed);
	if (start_engine(r, &log, e) == -1)
		goto out_journal;
	r->orders = event_new(loop_base(r->loop), r->msg_fd, EV_READ | EV_PERSIST, orders_cb, r);
	if (!r->orders || event_add(r->orders, NULL) == -1) {
		err_set(e, "libevent refused an event");
		goto out_engine;
	}
	r->flush.fn = flush_cb;
	r->flush.arg = r;
	flush_cb(r, clock_now(loop_clock(r->loop)));
	if (r->config->news)
		wedge_news_begin(&r->news, r->config->news, r->loop, r->engine, r->journal,
				 &r->proxies);
	if (msg_send(r->msg_fd, "ready", "s:s?", "backend", engine_packet_backend(r->engine)) == 0)
		rc = loop_run(r->loop);
	event_free(r->orders);
	timer_cancel(loop_timers(r->loop), &r->flush);
	timer_cancel(loop_timers(r->loop), &r->give_up);
	timer_cancel(loop_timers(r->loop), &r->quiet);
	wedge_news_end(&r->news);
out_engine:
	end_silently(r);
	journal_mute(r->journal, false); /* for the counts, and for sessions that are still open */
	engine_free(r->engine, NULL);
	if (rc == 0 && r->over)
		rc = send_result(r, &r->settled);
out_journal:
	journal_close(r->journal);
out_loop:
	loop_free(r->loop);
	return rc;
}

int wedge_role_main(void *arg, int msg_fd)
{
	struct wedge_role r = {.config = arg, .msg_fd = msg_fd};
	struct err e = {""};
	int rc;

	rc = run_role(&r, &e);
	if (rc == -1 && e.text[0] && msg_send(msg_fd, "error", "s:s", "text", e.text) == -1)
		fprintf(stderr, "wedge: error: %s\n", e.text);
	wedge_proxies_fini(&r.proxies);
	tls_unref(r.tls);
	return rc == 0 ? 0 : 2;
}

/* wedge_role.c - an engine with one proxy a traffic. A phase is over for it when the packet queue
 * is quiet; it ends when all others have. */
#include "scenarios/run/wedge_role.h"

#include "impairments/live/apply.h"
#include "impairments/live/hooks.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "proxy/engine/engine.h"
#include "scenarios/base/msg.h"
#include "scenarios/lab/lab.h"
#include "scenarios/lab/sysctl.h"
#include "scenarios/workload/client_ports.h"

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

struct wedge_role {
	const struct wedge_role_config *config;
	int msg_fd;
	struct loop *loop;
	struct engine *engine;
	struct journal *journal;
	struct event *orders;
	struct timer give_up, quiet;
	unsigned looks;		      /* looks in a row that have found nothing new */
	int64_t quiet_since;	      /* wall clock, at the first of these looks */
	struct engine_stats settled;  /* as they were then */
	struct impairment_set **sets; /* one a traffic */
	struct engine_proxy_config *proxies;
	bool settling, over;
};

/* The set's timers and members leave the loop while the loop exists. */
static void stop_set(void *arg)
{
	impairment_set_stop(arg);
}

/* Configures one proxy a traffic: its listener has the server's port, so that every vantage shows
 * that port; an impairment meets only the traffic that it names. */
static int configure_proxy(struct wedge_role *r, size_t i, struct err *e)
{
	const struct traffic *t = &r->config->phase->traffic[i];
	struct engine_proxy_config *p = &r->proxies[i];
	bool forward = r->config->intercept == INTERCEPT_FORWARD;

	r->sets[i] = impairment_set_for(r->config->phase->impairments, t->name);
	if (impairment_set_check(r->sets[i], forward, e) == -1)
		return -1;
	r->sets[i]->draw = (struct draw_identity){
	    .proxy = rng_part_seed(0, t->name), .by_client = true, .port_first = CLIENT_PORT_FIRST};
	p->name = t->name;
	p->session_hooks = impairment_set_session_hooks(r->sets[i]);
	impairment_set_sessions(r->sets[i], &p->session_config);
	p->pkt_hooks = impairment_set_pkt_hooks(r->sets[i]);
	p->released = stop_set;
	p->released_arg = r->sets[i];
	if (forward) {
		p->mode = PROXY_FORWARD;
		return addr_parse_host(LAB_SERVER_IP, t->port, &p->server, e);
	}
	if (r->config->intercept == INTERCEPT_TRANSPARENT) {
		p->mode = PROXY_TRANSPARENT;
		p->intercept.ports[0] = (struct port_range){t->port, t->port};
		p->intercept.nports = 1;
		if (intercept_match_interface(&p->intercept, LAB_WEDGE_CLIENT_IF, e) == -1)
			return -1;
		return addr_parse(":0", &p->listen, e);
	}
	p->mode = PROXY_EXPLICIT;
	snprintf(p->upstream.host, sizeof(p->upstream.host), "%s", LAB_SERVER_IP);
	p->upstream.port = t->port;
	return addr_parse_host(LAB_WEDGE_CLIENT_IP, t->port, &p->listen, e);
}

static int start_engine(struct wedge_role *r, const struct log *log, struct err *e)
{
	size_t n = r->config->phase->ntraffic;
	struct engine_config config = {
	    .proxies = r->proxies,
	    .nproxies = n,
	    .packet_plane = true, /* in every phase, so that equal packets pass an equal queue */
	    .journal = r->journal,
	    .log = log,
	    .seed = rng_part_seed(r->config->seed, r->config->label),
	};

	for (size_t i = 0; i < n; i++)
		if (configure_proxy(r, i, e) == -1)
			return -1;
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

static int change_set(struct wedge_role *r, struct impairment_set *set, const json_t *m,
		      struct err *e)
{
	const char *name = json_string_value(json_object_get(m, "name"));

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
	const char *name = json_string_value(json_object_get(m, "name"));
	struct err e = {"no such impairment"};
	int rc = -1;

	engine_let_wait(r->engine, true);
	for (size_t i = 0; name && i < r->config->phase->ntraffic; i++)
		if (impairment_set_find(r->sets[i], name, NULL) != -1)
			rc = change_set(r, r->sets[i], m, &e);
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

/* The lab may end, and this process with it, as soon as the result is known. The kernel drops what
 * waits in the queue when the rules go away: verdicts refused after the phase are no fault of it.
 */
static int send_result(struct wedge_role *r, const struct engine_stats *s)
{
	journal_flush(r->journal);
	return msg_send(
	    r->msg_fd, "result", "s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:I",
	    "sessions", (json_int_t)s->sessions_accepted, "sessions_left",
	    (json_int_t)s->sessions_open, "packets", (json_int_t)s->packets.received,
	    "packets_accepted", (json_int_t)s->packets.accepted, "packets_dropped",
	    (json_int_t)s->packets.dropped, "packets_injected", (json_int_t)s->packets.injected,
	    "packets_held", (json_int_t)s->packets.held_total, "packets_left",
	    (json_int_t)s->packets.held_now, "packets_foreign", (json_int_t)s->packets.foreign,
	    "overflows", (json_int_t)s->packets.overflows, "errors", (json_int_t)s->packets.errors,
	    "error", s->packets.first_error ? strerror(s->packets.first_error) : NULL,
	    "connections", (json_int_t)s->packets.connections);
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
	if (msg_send(r->msg_fd, "ready", "s:s?", "backend", engine_packet_backend(r->engine)) == 0)
		rc = loop_run(r->loop);
	event_free(r->orders);
	timer_cancel(loop_timers(r->loop), &r->give_up);
	timer_cancel(loop_timers(r->loop), &r->quiet);
out_engine:
	end_silently(r);
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
	size_t n = r.config->phase->ntraffic;
	struct err e = {""};
	int rc;

	r.sets = xcalloc(n, sizeof(struct impairment_set *));
	r.proxies = xcalloc(n, sizeof(*r.proxies));
	rc = run_role(&r, &e);
	if (rc == -1 && e.text[0] && msg_send(msg_fd, "error", "s:s", "text", e.text) == -1)
		fprintf(stderr, "wedge: error: %s\n", e.text);
	for (size_t i = 0; i < n; i++)
		impairment_set_free(r.sets[i]);
	free(r.sets);
	free(r.proxies);
	return rc == 0 ? 0 : 2;
}

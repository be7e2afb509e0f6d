/* reset_proxy.c - a proxy with one stage in its upstream flow that does what the client's bytes
 * say, for tests/loopback/test_stage_reset.py: reset_proxy UPSTREAM_PORT. Prints its own port; ends
 * with its standard input. */
#include "proxy/engine/engine.h"
#include "proxy/stream/flow/stage.h"
#include "proxy/stream/flow/stage_default.h"
#include "proxy/stream/session_state.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <string.h>

/* The last byte of what comes is the order; all of it is passed on first. */
static void obey(struct stage *st, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);
	unsigned char order = evbuffer_pullup(buf, -1)[n - 1];

	stage_pass(st, buf);
	if (strchr("cC", order))
		stage_reset(st, LEG_CLIENT, order == 'C', "as the client said");
	if (strchr("sS", order))
		stage_reset(st, LEG_SERVER, order == 'S', "as the client said");
	if (strchr("bB", order)) {
		stage_reset(st, LEG_CLIENT, order == 'B', "as the client said");
		stage_reset(st, LEG_SERVER, order == 'B', "as the client said");
	}
	if (order == 'r')
		stage_pass_end(st, END_RST);
	if (order == 'f')
		stage_pass_end(st, END_FIN);
}

static const struct stage_ops obey_ops = {
    .open = stage_default_open,
    .data = obey,
    .end = stage_default_end,
    .timer = stage_default_timer,
    .update = stage_default_update,
    .drain = stage_default_drain,
    .close = stage_default_close,
};

static void attach(void *arg, struct session *s)
{
	struct stage *st = stage_attach(&s->flow[DIR_UPSTREAM], &obey_ops, arg, "obey", 0);

	stage_set_active(st, true);
}

static void stdin_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	loop_stop(arg);
}

int main(int argc, char **argv)
{
	struct log log = {.level = LOG_LEVEL_INFO, .out = stderr};
	struct engine_proxy_config proxy = {.name = "test", .session_hooks = {.open = attach}};
	struct engine_config config = {.proxies = &proxy, .nproxies = 1, .log = &log};
	struct err e = {""};
	struct loop *loop = loop_new(&e);
	struct engine *en = NULL;
	struct event *end;
	char upstream[64];

	snprintf(upstream, sizeof(upstream), "127.0.0.1:%s", argc > 1 ? argv[1] : "");
	if (loop && host_port_parse(upstream, &proxy.upstream, &e) == 0 &&
	    addr_parse("127.0.0.1:0", &proxy.listen, &e) == 0)
		en = engine_new(loop, &config, &e);
	if (!en) {
		fprintf(stderr, "reset_proxy: %s\n", e.text);
		return 2;
	}
	printf("%u\n", (unsigned)addr_port(engine_listen_addr(en, 0)));
	fflush(stdout);
	end = event_new(loop_base(loop), 0, EV_READ, stdin_cb, loop);
	event_add(end, NULL);
	loop_run(loop);
	event_free(end);
	engine_free(en, NULL);
	loop_free(loop);
	return 0;
}

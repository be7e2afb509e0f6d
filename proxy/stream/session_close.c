/* session_close.c - closes the sockets at once, and leaves the memory to the table: whoever closes
 * a session may be called by one of its flows. */
#include "proxy/stream/session_close.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/refusal_state.h"
#include "proxy/stream/session_acks.h"
#include "proxy/stream/session_ask.h"
#include "proxy/stream/session_edit.h"
#include "proxy/stream/session_table.h"
#include "proxy/stream/session_upgrade.h"
#include "proxy/stream/tls/tls_session.h"

#include <event2/buffer.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>

#define TEXT_MAX 160

static void replace_text(struct session *s, const char *text)
{
	free(s->text);
	s->text = xstrdup(text);
}

void session_set_cause(struct session *s, enum close_why why, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	if (s->cause_known)
		return;
	s->cause_known = true;
	s->cause = why;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	replace_text(s, text);
}

static void report_close(const struct session *s)
{
	double seconds = clock_seconds(clock_now(s->table->env.clock) - s->began);
	uint64_t up = s->ep[LEG_SERVER].sent, down = s->ep[LEG_CLIENT].sent;
	char client[ADDR_TEXT], server[ADDR_TEXT] = "-";
	char why[TEXT_MAX + 240], upgrade[160];

	if (!s->table->env.journal && !log_shows(s->table->env.log, LOG_LEVEL_INFO))
		return;
	session_upgrade_explain(s, upgrade, sizeof(upgrade));
	snprintf(why, sizeof(why), "%s%s%s", s->text, upgrade,
		 s->tls && tls_session_asked(s->tls)
		     ? "; the server asked for a client certificate in vain"
		     : "");
	addr_format(&s->client, client);
	if (s->server.len)
		addr_format(&s->server, server);
	log_info(s->table->env.log,
		 "session %" PRIu64 " (%s): %s to %s, %" PRIu64 " B up, %" PRIu64
		 " B down, %.3f s, %s",
		 s->number, s->config.proxy, client, server, up, down, seconds, why);
	journal_event(s->table->env.journal, "session_close", "s:I, s:s, s:s, s:I, s:I, s:f, s:s",
		      "session", (json_int_t)s->number, "client", client, "server", server, "up",
		      (json_int_t)up, "down", (json_int_t)down, "seconds", seconds, "why", why);
}

void session_end_dial(struct session *s)
{
	if (!s->dial)
		return;
	dial_fini(s->dial);
	free(s->dial);
	s->dial = NULL;
	s->config.upstream = NULL;
}

/* Ends a dial that is under way, and answers whoever waits for it. */
static void cancel_connect(struct session *s)
{
	connect_waiter_answer(&s->pending, CONNECT_OVER, 0);
	if (s->dial)
		dial_fini(s->dial);
	if (s->server_fd != -1)
		sock_close_reset(s->server_fd);
	s->server_fd = -1;
}

static bool sends_rst(const struct session *s, enum close_why why)
{
	if (why == CLOSE_UNREACHABLE)
		return !s->config.close_unreachable;
	return why != CLOSE_DONE;
}

void session_close(struct session *s, enum close_why why, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	if (s->state == SESSION_CLOSED)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->cause_known = false;
	session_set_cause(s, why, "%s", text);
	session_set_state(s, SESSION_CLOSED);
	if (s->wait)
		timer_cancel(s->table->env.timers, &s->wait->timer);
	refusal_stop(s);
	session_acks_stop(s);
	for (int i = 0; i < LEG_COUNT; i++)
		endpoint_close(&s->ep[i], sends_rst(s, why));
	cancel_connect(s);
	report_close(s);
	session_delist(s);
}

void session_free(struct session *s)
{
	s->hooks.close(s->hooks.arg, s);
	for (int i = 0; i < DIR_COUNT; i++)
		flow_fini(&s->flow[i]);
	for (int i = 0; i < LEG_COUNT; i++)
		endpoint_fini(&s->ep[i]);
	refusal_free(s->refusal);
	free(s->text);
	session_end_dial(s);
	free(s->pace);
	session_upgrade_free(s);
	session_edit_free(s);
	session_ask_free(s);
	tls_session_free(s->tls);
	server_legs_forget(s->table->commons->legs, s);
	passed_free(s->passed);
	free(s->wait);
	free(s->proxy_protocol_out);
	s->config.released(s->config.released_arg);
	free(s);
}

/* session_edit.c - stands between an endpoint and its flow, so that the flow has what the other end
 * is to see. */
#include "proxy/stream/session_edit.h"

#include "proxy/base/mem.h"
#include "proxy/stream/session_table.h"
#include "proxy/stream/tls/mysql_shift.h"
#include "proxy/stream/tls/tls_start.h"
#include "proxy/stream/tls/tls_start_packets.h"

#include <event2/buffer.h>

struct session_edit {
	struct tls_start *start;
	struct tls_start own; /* start, unless the caller has one */
	struct tls_start_edit bytes;
	bool carried[LEG_COUNT]; /* something is held of what has come before */
	struct mysql_shift shift;
};

static struct session_edit *make_edit(struct session *s, bool denies)
{
	struct session_edit *e = s->edit = xcalloc(1, sizeof(*e));

	tls_start_edit_init(&e->bytes, denies);
	return e;
}

void session_edit_init(struct session *s, struct tls_start *start)
{
	struct session_edit *e = make_edit(s, false);

	e->start = start;
	start->edit = &e->bytes;
}

void session_edit_free(struct session *s)
{
	if (!s->edit)
		return;
	tls_start_edit_fini(&s->edit->bytes);
	free(s->edit);
	s->edit = NULL;
}

/* What goes on from an end without its having been read just now: an answer in its name. */
static void push_out(struct session *s, enum leg from)
{
	struct endpoint *ep = &s->ep[from];

	if (!evbuffer_get_length(s->edit->bytes.out[from]) || ep->from->end_in != END_NONE)
		return;
	flow_push(ep->from, s->edit->bytes.out[from]);
	session_wake(s);
}

/* The readers have seen what buf has. Where nothing is changed the bytes themselves go on, for they
 * may be urgent ones. */
static void take_out(struct endpoint *ep, struct evbuffer *buf)
{
	struct session *s = ep->session;
	struct session_edit *e = s->edit;
	struct evbuffer *out = e->bytes.out[ep->leg];
	bool holds = tls_start_held(&e->bytes, ep->leg) > 0;

	if (e->bytes.changed || e->carried[ep->leg] || holds) {
		evbuffer_drain(buf, evbuffer_get_length(buf));
		BUG_ON(evbuffer_add_buffer(buf, out) == -1);
	}
	evbuffer_drain(out, evbuffer_get_length(out));
	e->bytes.changed = false;
	e->carried[ep->leg] = holds;
	push_out(s, ep->leg == LEG_CLIENT ? LEG_SERVER : LEG_CLIENT);
}

static void edit_clear(struct endpoint *ep, struct evbuffer *buf, bool at_end)
{
	if (at_end)
		tls_start_release(&ep->session->edit->bytes, ep->leg);
	take_out(ep, buf);
}

void session_edit_clear(struct session *s, struct endpoint *ep)
{
	(void)s;
	ep->edit = edit_clear;
}

static void edit_mysql(struct endpoint *ep, struct evbuffer *buf, bool at_end)
{
	struct mysql_shift *m = &ep->session->edit->shift;
	size_t n = evbuffer_get_length(buf);

	(void)at_end;
	if (n)
		mysql_shift(m, ep->leg, evbuffer_pullup(buf, (ev_ssize_t)n), n);
	if (m->over)
		ep->edit = ep->peer->edit = NULL;
}

static void shift_numbers(struct session *s, bool server_tls)
{
	s->edit->shift.server_tls = server_tls;
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		s->ep[leg].edit = edit_mysql;
}

void session_edit_tls(struct session *s)
{
	struct session_edit *e = s->edit;

	if (!e)
		return;
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		s->ep[leg].edit = NULL;
	tls_start_release(&e->bytes, LEG_SERVER);
	push_out(s, LEG_SERVER);
	if (e->start->kind == TLS_START_MYSQL)
		shift_numbers(s, false);
}

/* A client that asks for TLS, or for GSSAPI, is refused: it goes on without, or goes. */
static void edit_postgres(struct endpoint *ep, struct evbuffer *buf, bool at_end)
{
	struct session_edit *e = ep->session->edit;
	size_t n = evbuffer_get_length(buf), i = 0;
	const unsigned char *p = evbuffer_pullup(buf, -1);

	while (i < n)
		i += tls_start_packets(e->start, LEG_CLIENT, p + i, n - i);
	if (at_end)
		tls_start_release(&e->bytes, LEG_CLIENT);
	take_out(ep, buf);
	if (e->start->state == TLS_START_NEVER)
		ep->edit = NULL;
}

void session_edit_hide(struct session *s, enum tls_start_kind kind)
{
	struct session_edit *e;

	if (kind != TLS_START_MYSQL && kind != TLS_START_POSTGRES)
		return;
	e = make_edit(s, true);
	e->start = &e->own;
	tls_start_init(&e->own, kind);
	e->own.edit = &e->bytes;
	if (kind == TLS_START_MYSQL)
		shift_numbers(s, true);
	else
		s->ep[LEG_CLIENT].edit = edit_postgres;
}

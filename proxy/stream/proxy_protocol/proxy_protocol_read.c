/* proxy_protocol_read.c - looks at the bytes (MSG_PEEK) before it takes them, so that those behind
 * the header are left in the socket. */
#include "proxy/stream/proxy_protocol/proxy_protocol_read.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/proxy_protocol/proxy_protocol_parse.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>

#define PIECE 1024u /* looked at in one turn; most headers have less than 108 bytes */

static void stop_reading(struct proxy_protocol_read *in)
{
	if (in->event)
		event_free(in->event);
	in->event = NULL;
	timer_cancel(loop_timers(in->loop), &in->patience);
}

static void finish_read(struct proxy_protocol_read *in, const struct proxy_protocol_read_result *r)
{
	stop_reading(in);
	in->done(in->arg, r);
}

static void fail_read(struct proxy_protocol_read *in, const char *why)
{
	finish_read(in, &(struct proxy_protocol_read_result){.why = why});
}

/* Nothing but what was looked at. false: the connection has just died, which the next look tells.
 */
static bool take_bytes(struct proxy_protocol_read *in, size_t n)
{
	if (recv(in->fd, in->bytes + in->n, n, 0) != (ssize_t)n)
		return false;
	in->n += n;
	return true;
}

static void report_no_bytes(struct proxy_protocol_read *in, ssize_t rc)
{
	struct proxy_protocol_read_result r = {.why = "FIN before the end of a PROXY header",
					       .silent = !in->n && rc == 0};

	if (rc == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (r.silent)
		r.why = "FIN before a PROXY header";
	if (rc == -1)
		r.why = errno == ECONNRESET ? "RST before a PROXY header" : strerror(errno);
	finish_read(in, &r);
}

static void read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct proxy_protocol_read *in = arg;
	struct proxy_protocol_header header;
	struct err why;
	size_t len;
	ssize_t n;

	(void)what;
	in->bytes = xrealloc(in->bytes, in->n + PIECE, 1);
	n = recv(fd, in->bytes + in->n, PIECE, MSG_PEEK);
	if (n <= 0) {
		report_no_bytes(in, n);
		return;
	}
	switch (proxy_protocol_parse(in->bytes, in->n + (size_t)n, &header, &len, &why)) {
	case PROXY_PROTOCOL_PARSE_MORE:
		if (take_bytes(in, (size_t)n))
			sock_quickack(fd);
		break;
	case PROXY_PROTOCOL_PARSE_DONE:
		if (take_bytes(in, len - in->n))
			finish_read(in, &(struct proxy_protocol_read_result){.header = &header});
		break;
	case PROXY_PROTOCOL_PARSE_BAD:
		fail_read(in, why.text);
		break;
	}
}

static void patience_cb(void *arg, int64_t now)
{
	struct proxy_protocol_read *in = arg;
	char why[64];

	(void)now;
	snprintf(why, sizeof(why), "%d s without %sa PROXY header",
		 (int)(PROXY_PROTOCOL_READ_PATIENCE / NS_PER_S), in->n ? "the end of " : "");
	fail_read(in, why);
}

void proxy_protocol_read_start(struct proxy_protocol_read *in)
{
	in->patience.fn = patience_cb;
	in->patience.arg = in;
	timer_arm(loop_timers(in->loop), &in->patience,
		  clock_now(loop_clock(in->loop)) + PROXY_PROTOCOL_READ_PATIENCE);
	sock_quickack(in->fd);
	in->event = loop_watch(in->loop, in->fd, EV_READ | EV_PERSIST, read_cb, in);
	if (!in->event)
		fail_read(in, strerror(errno));
}

void proxy_protocol_read_fini(struct proxy_protocol_read *in)
{
	stop_reading(in);
	free(in->bytes);
	in->bytes = NULL;
}

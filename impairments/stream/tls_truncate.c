/* tls_truncate.c - ends a TLS connection without close_notify, as an attacker, a crash or a
 * careless program does. */
#include "impairments/impairment.h"

#include <event2/buffer.h>

enum where { AT_END, AT_ONCE };

struct truncate {
	int where;
};

static const char *const where_names[] = {"end", "once", NULL};

static const struct param params[] = {
    P_ENUM("where", struct truncate, where, where_names, .def = "end",
	   .help = "end: where the sender ends; once: where it begins to act, wherever that is"),
    P_END,
};

static void truncate_now(struct stage *st)
{
	if (st->end_out != END_NONE)
		return;
	stage_end_abruptly(st);
	stage_pass_end(st, END_FIN);
}

static void truncate_open(struct stage *st)
{
	const struct truncate *cfg = st->cfg;

	if (cfg->where == AT_ONCE)
		truncate_now(st);
}

static void truncate_end(struct stage *st, enum flow_end end)
{
	if (end == END_FIN)
		truncate_now(st);
	else
		stage_pass_end(st, end);
}

static enum impair_window truncate_window(const void *cfg)
{
	return ((const struct truncate *)cfg)->where == AT_END ? IMPAIR_WINDOW_END
							       : IMPAIR_WINDOW_ACTS;
}

static const struct stage_ops ops = {
    .open = truncate_open,
    .data = stage_default_data,
    .end = truncate_end,
    .timer = stage_default_timer,
    .update = truncate_open,
    .drain = stage_default_drain,
    .close = stage_default_close,
};

const struct impairment tls_truncate_impairment = {
    .name = "tls_truncate",
    .summary = "ends a TLS connection with FIN and without close_notify",
    .impersonates =
	"the application that closes its connection without ending TLS, or who cuts it off",
    .doc =
	"The receiver of its direction gets a FIN that no close_notify announces (RFC 8446 "
	"section 6.1): it can't know whether it has everything. With where=end the bytes are "
	"complete, and only the announcement lacks; with where=once the stream ends behind the "
	"bytes that have passed so far, and what the sender still sends is read, acknowledged "
	"and eaten. An RST stays an RST.\n\n"
	"It is for a receiver with which wedge itself speaks TLS: downstream in the modes "
	"terminate and intercept, upstream in originate and intercept; elsewhere it is "
	"refused. Where TLS passes through, cut ends a stream without close_notify.\n\n"
	"It keeps nothing. Changed to where=once while it acts, it ends the stream at once. A FIN "
	"can't be taken back; disabled or removed before, it has no effect.",
    .params = params,
    .cfg_size = sizeof(struct truncate),
    .window_of = truncate_window,
    .stream = &ops,
    .tls = IMPAIR_TLS_SPOKEN,
    .example = "tls_truncate{direction=downstream}",
};

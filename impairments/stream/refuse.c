/* refuse.c - refuses clients, or accepts them and turns them away, or never answers; the server is
 * never dialled. */
#include "impairments/impairment.h"

#include <jansson.h>

enum mode { MODE_REFUSED, MODE_RESET, MODE_CLOSE, MODE_SILENT };

struct refuse {
	int mode;
	int64_t delay, await_request;
	double delay_varies; /* share of delay */
	bool read;
};

static const char *const mode_names[] = {"refused", "reset", "close", "silent", NULL};

static const struct param params[] = {
    P_ENUM("mode", struct refuse, mode, mode_names, .def = "refused",
	   .help =
	       "what the client gets: an RST in answer to its SYN, as from a closed port; or after "
	       "the handshake RST, FIN, or nothing for ever"),
    P_DURATION("delay", struct refuse, delay, .def = "0", .max = "1h",
	       .help =
		   "how long after the accept, with mode=refused after the SYN, with await_request "
		   "after the first bytes; silent has none"),
    P_FRACTION("delay_varies", struct refuse, delay_varies, .needs = "delay", .def = "0%",
	       .help = "each delay is drawn by the seed between delay less and delay more this "
		       "share of it: no program ends its connections to the millisecond"),
    P_DURATION("await_request", struct refuse, await_request, .def = "0", .max = "1h",
	       .help = "of reset and close: the client's first bytes are awaited for so long, read "
		       "and thrown away: a service that takes the request before it ends; 0: not"),
    P_FLAG("read", struct refuse, read, .def = "true",
	   .help = "of silent: what the client sends is read and thrown away; else it fills the "
		   "receive window until that is zero"),
    P_END,
};

static int refuse_check(const void *config, struct err *e)
{
	const struct refuse *cfg = config;

	if (cfg->mode == MODE_SILENT && cfg->delay)
		return err_set(e, "mode=silent does nothing, so it has no delay");
	if (cfg->await_request && cfg->mode != MODE_RESET && cfg->mode != MODE_CLOSE)
		return err_set(e, "await_request is for mode=reset and mode=close");
	if (cfg->mode != MODE_SILENT && !cfg->read)
		return err_set(e, "read is for mode=silent");
	return 0;
}

static void refuse_accept(void *shared, const void *config, const struct accept_info *info,
			  struct accept_verdict *v)
{
	static const enum accept_action action[] = {
	    [MODE_REFUSED] = ACCEPT_REFUSE,
	    [MODE_RESET] = ACCEPT_RESET,
	    [MODE_CLOSE] = ACCEPT_CLOSE,
	    [MODE_SILENT] = ACCEPT_SILENT,
	};
	const struct refuse *cfg = config;
	struct rng chance = info->chance;

	(void)shared;
	if (!info->active)
		return;
	v->action = action[cfg->mode];
	v->delay = cfg->delay;
	if (cfg->delay_varies > 0)
		v->delay +=
		    (int64_t)((double)cfg->delay * cfg->delay_varies * (2 * rng_unit(&chance) - 1));
	v->await_request = cfg->await_request;
	v->read = cfg->mode == MODE_SILENT && cfg->read;
	snprintf(v->why, sizeof(v->why), "%s: %s", info->name, mode_names[cfg->mode]);
}

static bool refuse_refuses(const void *cfg)
{
	return ((const struct refuse *)cfg)->mode == MODE_REFUSED;
}

static const struct accept_ops accept_ops = {.accept = refuse_accept};

static bool refuse_draws(const void *config)
{
	const struct refuse *cfg = config;

	return cfg->delay && cfg->delay_varies > 0;
}

const struct impairment refuse_impairment = {
    .name = "refuse",
    .draws = refuse_draws,
    .forwarded = "syn_drop{action=rst}",
    .summary = "refuses clients, or accepts and resets, accepts and closes, or never answers",
    .impersonates = "the server's host, which refuses; or its kernel, which accepts, and its "
		    "application, which then "
		    "closes, aborts or says nothing",
    .doc = "The server is never dialled. refused: the client's SYN is answered by an RST, as "
	   "by a host where nobody listens, and no handshake is seen: connection refused. That "
	   "needs the SYN to be held in the packet plane, which wedge does where packets can "
	   "be queued; where they can't, or the client is known only from a PROXY header, or "
	   "is accepted early, it is accepted first and then reset. Wedge warns of that when "
	   "it starts, and the journal tells it of each session. A client that sends its SYN "
	   "again (Windows does, twice) gets the same answer again.\n\n"
	   "The other modes are of a service that accepts, dropped immediately after "
	   "connecting: the handshake succeeds. reset: RST, after the delay. close: FIN after "
	   "the delay, and the socket is closed: what the client has sent until then is read and "
	   "thrown away, and what it sends later is answered by an RST, as by the kernel of "
	   "a process that has closed. silent: never a byte, a FIN "
	   "or an RST; the kernel acknowledges what the client sends and its FIN, as in front "
	   "of a process that hangs. With read=true that goes on without end; with read=false "
	   "the window fills and stays zero. The client may give up; the session ends when it "
	   "resets. A silent session uses one descriptor until then, or until wedge stops.\n\n"
	   "It is decided once, at the SYN or at accept, for each session that the triggers "
	   "choose, and holds no byte that was promised to anybody: what is thrown away never "
	   "had a server. When it is changed, disabled or removed, new sessions get the new "
	   "treatment, and a client that was refused keeps its fate.",
    .params = params,
    .cfg_size = sizeof(struct refuse),
    .check = refuse_check,
    .accept = &accept_ops,
    .refuses = refuse_refuses,
    .example = "refuse{mode=silent}",
};

/* refuse.c - accepts clients and turns them away, or never answers; the server is never dialled. */
#include "impairments/impairment.h"

#include <jansson.h>

enum mode { MODE_RESET, MODE_CLOSE, MODE_SILENT };

struct refuse {
	int mode;
	int64_t delay;
	bool read;
};

static const char *const mode_names[] = {"reset", "close", "silent", NULL};

static const struct param params[] = {
    P_ENUM("mode", struct refuse, mode, mode_names, .def = "reset",
	   .help = "what the client gets after the handshake: RST, FIN, or nothing for ever"),
    P_DURATION("delay", struct refuse, delay, .def = "0", .max = "1h",
	       .help = "of reset and close: how long after the accept"),
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
	if (cfg->mode != MODE_SILENT && !cfg->read)
		return err_set(e, "read is for mode=silent");
	return 0;
}

static void refuse_accept(void *shared, const void *config, const struct accept_info *info,
			  struct accept_verdict *v)
{
	static const enum accept_action action[] = {
	    [MODE_RESET] = ACCEPT_RESET,
	    [MODE_CLOSE] = ACCEPT_CLOSE,
	    [MODE_SILENT] = ACCEPT_SILENT,
	};
	const struct refuse *cfg = config;

	(void)shared;
	if (!info->active)
		return;
	v->action = action[cfg->mode];
	v->delay = cfg->delay;
	v->read = cfg->mode == MODE_SILENT && cfg->read;
	snprintf(v->why, sizeof(v->why), "%s: %s", info->name, mode_names[cfg->mode]);
}

static const struct accept_ops accept_ops = {.accept = refuse_accept};

const struct impairment refuse_impairment = {
    .name = "refuse",
    .summary = "accepts and resets, accepts and closes, or accepts and never answers",
    .impersonates = "the server's host, whose kernel accepts, and its application, which then "
		    "closes, aborts or says nothing",
    .doc = "A refused client's handshake succeeds, since the kernel completes it, and its server "
	   "is never dialled. reset: RST, after the delay. close: FIN after the delay; what the "
	   "client sends is read and thrown away, so that the FIN isn't followed by an RST, until "
	   "the client has closed too. silent: never a byte, a FIN or an RST; the kernel "
	   "acknowledges what the client sends and its FIN, as in front of a process that hangs. "
	   "With read=true that goes on without end; with read=false the window fills and stays "
	   "zero. The client may give up; the session ends when it resets. A silent session uses "
	   "one descriptor until then, or until wedge stops.\n\n"
	   "It is decided once, at accept, for each session that the triggers choose, and holds no "
	   "byte that was promised to anybody: what is thrown away never had a server. When it is "
	   "changed, disabled or removed, new sessions get the new treatment, and a client that "
	   "was refused keeps its fate.",
    .params = params,
    .cfg_size = sizeof(struct refuse),
    .check = refuse_check,
    .accept = &accept_ops,
    .example = "refuse{mode=silent}",
};

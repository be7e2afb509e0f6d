/* reset.c - resets at accept, at connect, at once or behind what has been delivered; one session,
 * or all of the proxy in the same instant. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/stage_group.h"

#include <jansson.h>

enum side { SIDE_CLIENT, SIDE_SERVER, SIDE_BOTH };
enum when { WHEN_NOW, WHEN_DELIVERED, WHEN_ACCEPT, WHEN_CONNECT };

struct reset {
	int side, when;
	bool all_at_once;
	int64_t refuse_for;
};

static const char *const side_names[] = {"client", "server", "both", NULL};
static const char *const when_names[] = {"now", "delivered", "accept", "connect", NULL};

static const struct param params[] = {
    P_ENUM("side", struct reset, side, side_names, .def = "both", .help = "who gets the RST"),
    P_ENUM("when", struct reset, when, when_names, .def = "now",
	   .help = "at once where it begins to act (bytes that wedge hasn't sent are lost); once "
		   "what was delivered before is acknowledged; right after the accept; or when the "
		   "server's connection stands, before a byte moves"),
    P_FLAG("all_at_once", struct reset, all_at_once, .def = "false",
	   .help = "every session of the proxy, as soon as it begins to act in one: a process that "
		   "crashes"),
    P_DURATION("refuse_for", struct reset, refuse_for, .def = "0", .max = "1d",
	       .help =
		   "with all_at_once: new clients are refused for so long afterwards, by an RST in "
		   "answer to their SYN: a process that restarts"),
    P_END,
};

struct shared {
	struct stage_group members; /* stages of sessions that aren't reset yet */
	bool struck;
	int64_t struck_at; /* when all were last reset */
};

struct state {
	struct stage_group_member member;
};

static int reset_check(const void *config, struct err *e)
{
	const struct reset *cfg = config;

	if (cfg->when == WHEN_ACCEPT && cfg->side == SIDE_SERVER)
		return err_set(e, "when=accept has no server yet; side must be client or both");
	if (cfg->all_at_once && cfg->when != WHEN_NOW)
		return err_set(e, "all_at_once needs when=now");
	if (cfg->refuse_for && !cfg->all_at_once)
		return err_set(e, "refuse_for needs all_at_once");
	return 0;
}

static bool is_target(const struct reset *cfg, enum leg leg)
{
	return cfg->side == SIDE_BOTH ||
	       cfg->side == (leg == LEG_CLIENT ? SIDE_CLIENT : SIDE_SERVER);
}

static void reset_session(struct stage *st)
{
	const struct reset *cfg = st->cfg;
	struct state *s = stage_state(st);
	char why[96];

	stage_group_remove(&s->member);
	snprintf(why, sizeof(why), "%s: %s", st->name,
		 cfg->all_at_once ? "all at once" : when_names[cfg->when]);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		if (is_target(cfg, leg))
			stage_reset(st, leg, cfg->when == WHEN_DELIVERED, why);
}

/* Where both flows of a session have a stage, only one of the two resets it. */
static void reset_member(struct stage *st, void *arg)
{
	const struct stage *first = arg;

	if (st->flow->dir == first->flow->dir)
		reset_session(st);
}

static void reset_join(struct stage *st)
{
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;

	stage_group_add(&sh->members, &s->member, st);
}

static void reset_open(struct stage *st)
{
	const struct reset *cfg = st->cfg;
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;

	if (!s->member.stage || cfg->when == WHEN_ACCEPT || cfg->when == WHEN_CONNECT)
		return;
	if (!cfg->all_at_once) {
		reset_session(st);
		return;
	}
	sh->struck = true;
	sh->struck_at = stage_now(st);
	stage_group_each(&sh->members, reset_member, st);
}

static void reset_close(struct stage *st)
{
	struct state *s = stage_state(st);

	stage_group_remove(&s->member);
}

static void reset_accept(void *shared, const void *config, const struct accept_info *info,
			 struct accept_verdict *v)
{
	const struct reset *cfg = config;
	const struct shared *sh = shared;
	const char *why = when_names[cfg->when];

	if (sh->struck && clock_now(info->env->clock) - sh->struck_at < cfg->refuse_for) {
		v->action = ACCEPT_REFUSE;
		why = "refused for a while";
	} else if (info->active && cfg->when == WHEN_ACCEPT) {
		v->action = ACCEPT_RESET;
	} else if (info->active && cfg->when == WHEN_CONNECT) {
		v->action = ACCEPT_CONNECTED;
		for (enum leg leg = 0; leg < LEG_COUNT; leg++)
			v->leg[leg] = is_target(cfg, leg);
	}
	snprintf(v->why, sizeof(v->why), "%s: %s", info->name, why);
}

static bool reset_refuses(const void *cfg)
{
	return ((const struct reset *)cfg)->refuse_for;
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = reset_open,
    .data = stage_default_data,
    .end = stage_default_end,
    .timer = stage_default_timer,
    .update = stage_default_update,
    .drain = stage_default_drain,
    .close = reset_close,
    .join = reset_join,
};

static const struct accept_ops accept_ops = {.accept = reset_accept};

const struct impairment reset_impairment = {
    .name = "reset",
    .forwarded = "rst_inject",
    .summary = "RST to the client, the server or both; of one session or of all at once",
    .impersonates =
	"the host that the RST comes from: its kernel sends it when an application aborts or dies",
    .doc = "An RST ends the connection of the given side: one session once. With when=now it "
	   "goes out as soon as the impairment begins to act; bytes that wedge holds or hasn't "
	   "sent yet are lost, as they are when a process dies. With when=delivered it goes "
	   "out when the bytes delivered so far to that side have been acknowledged, so that "
	   "exactly those arrive. A side that isn't named learns of it like the peer of a host "
	   "that has forgotten the connection: by an RST as answer to what it sends next.\n\n"
	   "when=accept: the handshake, then RST, and the server is never dialled. "
	   "when=connect: the RST goes out when the server has accepted too. Where the SYN is held "
	   "(see refuse) that is before the client's handshake, and the RST comes right behind "
	   "it: connect() itself may fail, with ECONNRESET, or what the client does next. Both "
	   "are decided when the client is accepted, so with an after they never act.\n\n"
	   "With all_at_once every session of the proxy, whatever its own triggers say, is "
	   "reset in the instant in which it begins to act in one of them; for refuse_for, new "
	   "clients are refused, by an RST in answer to their SYN. Where a SYN can't be held "
	   "(see refuse) they are accepted first and then reset, and wedge says so.\n\n"
	   "It holds nothing. When it is changed, sessions that haven't been reset follow the "
	   "new parameters from the next time it begins to act; refuse_for counts from the "
	   "instant of the resets. When it is disabled or removed, what was reset stays reset, "
	   "an RST that waits for its delivery too.",
    .params = params,
    .cfg_size = sizeof(struct reset),
    .check = reset_check,
    .stream = &ops,
    .accept = &accept_ops,
    .refuses = reset_refuses,
    .shared_size = sizeof(struct shared),
    .example = "reset{side=client,when=delivered,after=10KB}",
};

/* freeze.c - stops and starts everything of one host together, in slices: a guest whose virtual CPU
 * is descheduled. All connections of the instance hold their packets in one queue, in the order in
 * which they came, and one clock in the shared state stops and starts them all. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/tcp_handshake.h"
#include "impairments/parts/slices.h"
#include "proxy/base/mem.h"

#include <sys/queue.h>

enum side { SIDE_AUTO, SIDE_SERVER, SIDE_CLIENT };

struct freeze {
	struct slices_config slices;
	int side;
};

static const char *const side_names[] = {"auto", "server", "client", NULL};

static const struct param params[] = {
    SLICES_PARAMS(struct freeze),
    P_DURATION("wake", struct freeze, slices.wake, .def = "1ms", .max = "1s",
	       .help =
		   "and so long more until the host goes on: switching virtual CPUs and a guest "
		   "that finds its work have their price; what is asked at a pause's beginning "
		   "waits for the pause at least"),
    P_ENUM("side", struct freeze, side, side_names, .def = "auto",
	   .help = "which host is frozen: what it sends while its kernel lives on was sent after "
		   "the pause, and nothing of it twice; auto: the one that host names in a "
		   "scenario, else the server"),
    P_END,
};

/* A packet that waits, in the queue of all and in that of its stage. */
struct waiting {
	struct pkt *p;
	TAILQ_ENTRY(waiting) in_all, in_stage;
};

TAILQ_HEAD(waiting_list, waiting);

struct shared {
	struct slices clock;
	struct waiting_list all;
};

struct state {
	struct waiting_list own;
	bool ready; /* own is initialized */
	bool next_seen;
	uint32_t next; /* the frozen host's highest sequence number sent + 1 */
};

static int freeze_check(const void *config, struct err *e)
{
	return slices_check(&((const struct freeze *)config)->slices, e);
}

static struct state *state_of(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	if (!s->ready)
		TAILQ_INIT(&s->own);
	s->ready = true;
	return s;
}

static enum dir freeze_speaks_in(const struct pkt_stage *st)
{
	const struct freeze *cfg = st->cfg;

	return cfg->side == SIDE_CLIENT ? DIR_UPSTREAM : DIR_DOWNSTREAM;
}

/* Notes a packet of the frozen host. Returns whether it only repeats: data, SYN or FIN sent again,
 * or a probe, whose sequence number is one that was used. */
static bool note_repeated(struct pkt_stage *st, const struct pkt *p)
{
	struct state *s = state_of(st);
	uint32_t len = tcp_seq_len(&p->tcp), end = p->tcp.seq + len;
	bool repeated;

	if (!pkt_stage_speaks(st, p) || (p->tcp.flags & TCP_RST))
		return false;
	repeated = s->next_seen && seq_diff(end, s->next) <= (len ? 0 : -1);
	if (!s->next_seen || seq_diff(end, s->next) > 0)
		s->next = end;
	s->next_seen = true;
	return repeated;
}

static struct pkt *take_waiting(struct shared *sh, struct waiting *w)
{
	struct state *s = pkt_stage_state(w->p->holder);
	struct pkt *p = w->p;

	TAILQ_REMOVE(&sh->all, w, in_all);
	TAILQ_REMOVE(&s->own, w, in_stage);
	free(w);
	return p;
}

static enum pkt_action freeze_packet(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = state_of(st);
	struct shared *sh = st->shared;
	bool repeated = note_repeated(st, p);
	struct waiting *w;

	if (!sh->clock.frozen || tcp_handshake_is_twin(st))
		return PKT_PASS;
	if (repeated)
		return PKT_DROP;
	w = xcalloc(1, sizeof(*w));
	w->p = p;
	TAILQ_INSERT_TAIL(&sh->all, w, in_all);
	TAILQ_INSERT_TAIL(&s->own, w, in_stage);
	return PKT_HELD;
}

static enum pkt_action freeze_idle(struct pkt_stage *st, struct pkt *p)
{
	note_repeated(st, p);
	return PKT_PASS;
}

static void release_waiting(struct shared *sh, struct waiting *w)
{
	struct pkt_stage *st = w->p->holder;

	pkt_release(st, take_waiting(sh, w));
}

/* A release may end other connections, and so take their packets off the queue. */
static void turned_cb(void *arg, int64_t now)
{
	struct shared *sh = arg;
	struct waiting *w;

	(void)now;
	while (!sh->clock.frozen && (w = TAILQ_FIRST(&sh->all)))
		release_waiting(sh, w);
}

/* All stages of an instance have numbers that differ in their last bits alone, whichever leg the
 * first one is on. */
static void freeze_open(struct pkt_stage *st)
{
	const struct freeze *cfg = st->cfg;
	struct shared *sh = st->shared;

	state_of(st);
	slices_join(&sh->clock, &cfg->slices, st->name, st->index & ~7u);
}

static void freeze_update(struct pkt_stage *st)
{
	struct shared *sh = st->shared;

	sh->clock.config = ((const struct freeze *)st->cfg)->slices;
}

static void freeze_drain(struct pkt_stage *st)
{
	struct state *s = state_of(st);
	struct shared *sh = st->shared;
	struct waiting *w;

	slices_leave(&sh->clock);
	while ((w = TAILQ_FIRST(&s->own)))
		release_waiting(sh, w);
}

static void freeze_shared_init(void *shared, const struct env *env, const void *cfg)
{
	struct shared *sh = shared;

	TAILQ_INIT(&sh->all);
	slices_init(&sh->clock, env, &((const struct freeze *)cfg)->slices, turned_cb, sh);
}

static void freeze_shared_fini(void *shared)
{
	slices_fini(&((struct shared *)shared)->clock);
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .speaks_in = freeze_speaks_in,
    .open = freeze_open,
    .packet = freeze_packet,
    .idle = freeze_idle,
    .timer = pkt_default_timer,
    .update = freeze_update,
    .drain = freeze_drain,
    .close = pkt_default_close,
};

const struct impairment freeze_impairment = {
    .name = "freeze",
    .summary = "a host stops whole, all its connections together, in slices: a descheduled virtual "
	       "CPU",
    .impersonates = "a whole host that is stopped: what its living kernel says in a pause leaves "
		    "with the time stamp of the moment at which it leaves, and what is dropped "
		    "leaves no hole in its IP IDs. What is sent to it is untouched",
    .doc = "Everything of a host runs for a while, then stops, kernel and all, then goes on: "
	   "what a guest looks like that shares too few CPUs (2:1 with 30 ms slices). In a "
	   "pause no packet passes, in either direction, of any connection: data, "
	   "acknowledgements, handshakes, FIN and RST. What is sent to the frozen host waits "
	   "unanswered, and when the pause ends all of it arrives back to back, in the order "
	   "in which it came, across all connections; the answers follow in one burst. Peers "
	   "whose patience is shorter than the pause send again, as they would. What the "
	   "host's own kernel, which lives in truth, makes in a pause goes out when it ends; "
	   "what that kernel only repeats (data sent again, probes) is dropped, since a frozen "
	   "host has no timers either.\n\n"
	   "Pauses begin and end for all connections on one clock, which starts with the first "
	   "one; a late timer doesn't shift those after it. With pareto, pauses vary around "
	   "the mean with a heavy tail, cut at longest. The direction of the instance only "
	   "says whose bytes a window counts.\n\n"
	   "It is made on both legs of a terminated session, so that neither wire shows a "
	   "packet from wedge in the frozen host's name, nor a question that a live one would "
	   "answer. What the real server already has when a pause begins it may still answer "
	   "on its own wire, and that waits in wedge. A host's process that is stopped while "
	   "its kernel acknowledges is process_freeze, which needs no privilege.\n\n"
	   "The journal tells each pause. When it is changed, the slice that runs ends as "
	   "planned, and the next one has the new length; side counts at once. When it is "
	   "disabled or removed, what is held goes on at once, in order. Nothing is lost.",
    .params = params,
    .cfg_size = sizeof(struct freeze),
    .check = freeze_check,
    .packet = &ops,
    .window = IMPAIR_WINDOW_HOLDS,
    .default_leg = IMPAIR_LEG_BOTH,
    .shared_size = sizeof(struct shared),
    .shared_init = freeze_shared_init,
    .shared_fini = freeze_shared_fini,
    .unprivileged = "process_freeze",
    .side_param = "side",
    .example = "freeze{run=30ms,pause=30ms}",
    .idle = SLICES_IDLE,
};

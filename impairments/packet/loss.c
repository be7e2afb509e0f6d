/* loss.c - drops segments, or spoils their checksum so that the receiver's own stack does: at
 * random, in bursts, every nth, or those that come faster than a rate. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/packet_class.h"
#include "impairments/packet/parts/rate_window.h"

#include "proxy/packet/checksum.h"

#include <jansson.h>

enum mode { MODE_RANDOM, MODE_BURST, MODE_NTH, MODE_TAIL };

struct loss {
	int mode, packet_class;
	double rate, p, r, bad_loss;
	uint64_t n, above_rate, buffer;
	int64_t over;
	bool checksum;
};

static const char *const mode_names[] = {"random", "burst", "nth", "tail", NULL};
static const char *const class_names[] = {"data", "all", NULL}; /* enum packet_class */

static const struct param params[] = {
    P_ENUM("mode", struct loss, mode, mode_names, .def = "random",
	   .help = "random: each with the same probability; burst: Gilbert-Elliott; nth: every nth "
		   "one; tail: those that come faster than above_rate"),
    P_ENUM("what", struct loss, packet_class, class_names, .def = "data",
	   .help = "what can be lost: segments with payload of that direction, or every packet "
		   "that travels in it"),
    P_FRACTION("rate", struct loss, rate, .def = "1%", .help = "of random: share that is lost"),
    P_FRACTION("p", struct loss, p, .def = "1%",
	       .help = "of burst: probability of going from the good state, which loses nothing, "
		       "to the bad one, decided at each packet"),
    P_FRACTION("r", struct loss, r, .def = "25%",
	       .help = "of burst: probability of going back to the good state; a burst is 1/r "
		       "packets long on average"),
    P_FRACTION("bad_loss", struct loss, bad_loss, .def = "100%",
	       .help = "of burst: share that is lost in the bad state"),
    P_COUNT("n", struct loss, n, .def = "100", .min = "1",
	    .help = "of nth: every nth is lost, those sent again counted too; 1 is all"),
    P_RATE("above_rate", struct loss, above_rate, .def = "0B/s", .max = "100Gbit/s",
	   .help = "of tail: the rate of IP bytes above which packets overrun the buffer; needed "
		   "there"),
    P_DURATION("over", struct loss, over, .def = "1ms", .min = "1us", .max = "100ms",
	       .help = "of tail: the time over which the rate is measured, up to each packet"),
    P_COUNT("buffer", struct loss, buffer, .def = "8", .max = "1000000",
	    .help = "of tail: so many packets above the rate still pass before the rest of the "
		    "burst is lost"),
    P_FLAG("checksum", struct loss, checksum, .def = "no",
	   .help = "deliver it with a wrong TCP checksum instead, as a broken offload engine does"),
    P_END,
};

struct state {
	bool bad;	/* Gilbert-Elliott's bad state */
	uint64_t count; /* packets since the last nth one */
	uint64_t above; /* packets since the rate was exceeded */
	struct rate_window window;
};

static int loss_check(const void *config, struct err *e)
{
	const struct loss *cfg = config;

	if (cfg->mode == MODE_TAIL && !cfg->above_rate)
		return err_set(e, "mode=tail needs above_rate, for instance 100Mbit/s");
	if (cfg->mode != MODE_TAIL && cfg->above_rate)
		return err_set(e, "above_rate needs mode=tail");
	return 0;
}

/* Takes two random decisions a packet, whatever the state, so that runs with one seed compare. */
static bool decide_burst(struct state *s, const struct loss *cfg, struct rng *rng)
{
	bool lost = rng_chance(rng, s->bad ? cfg->bad_loss : 0);

	if (rng_chance(rng, s->bad ? cfg->r : cfg->p))
		s->bad = !s->bad;
	return lost;
}

/* Lost packets count as having come: a burst is over when its sender pauses. */
static bool decide_tail(struct pkt_stage *st, const struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	const struct loss *cfg = st->cfg;
	uint64_t bytes = rate_window_add(&s->window, p->came, p->tcp.ip_len, cfg->over);

	if ((double)bytes * NS_PER_S <= (double)cfg->above_rate * (double)cfg->over) {
		s->above = 0;
		return false;
	}
	return s->above++ >= cfg->buffer;
}

static bool decide_loss(struct pkt_stage *st, const struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	const struct loss *cfg = st->cfg;

	switch ((enum mode)cfg->mode) {
	case MODE_RANDOM:
		return rng_chance(&st->rng, cfg->rate);
	case MODE_BURST:
		return decide_burst(s, cfg, &st->rng);
	case MODE_NTH:
		if (++s->count < cfg->n)
			return false;
		s->count = 0;
		return true;
	case MODE_TAIL:
		break;
	}
	return decide_tail(st, p);
}

/* Makes the checksum differ from the right one in one bit, also where another stage has spoilt it.
 */
static void spoil_checksum(struct pkt *p)
{
	enum { CHECKSUM_LOW_BYTE = 17 };

	checksum_write(&p->tcp, p->data);
	p->data[p->tcp.tcp - p->tcp.ip + CHECKSUM_LOW_BYTE] ^= 1;
	p->modified = true;
}

static enum pkt_action loss_packet(struct pkt_stage *st, struct pkt *p)
{
	const struct loss *cfg = st->cfg;
	bool spoil = cfg->checksum && !p->cut;

	if (!packet_class_has((enum packet_class)cfg->packet_class, st, p) || !decide_loss(st, p))
		return PKT_PASS;
	pkt_stage_event(st, spoil ? "segment_spoilt" : "segment_lost", "s:I, s:I, s:s", "seq",
			(json_int_t)p->tcp.seq, "len", (json_int_t)p->tcp.payload_len, "reason",
			mode_names[cfg->mode]);
	if (!spoil)
		return PKT_DROP;
	spoil_checksum(p);
	return PKT_PASS;
}

/* A stage that acts again begins anew. */
static void loss_drain(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	rate_window_fini(&s->window);
	*s = (struct state){.bad = false};
}

static void loss_close(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	rate_window_fini(&s->window);
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .open = pkt_default_open,
    .packet = loss_packet,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = loss_drain,
    .close = loss_close,
};

const struct impairment loss_impairment = {
    .name = "loss",
    .summary = "loses segments: at random, in bursts, every nth, or the tails of fast bursts",
    .impersonates = "the network, or with checksum the sender's network card: what arrives is as "
		    "it was sent, and the IP IDs of what is lost are missing",
    .doc = "Chosen segments never arrive; their sender finds out by duplicate ACKs, SACK or "
	   "its retransmission timer. With checksum they arrive with a wrong TCP checksum, so "
	   "that the receiver's own stack drops them and counts it (Linux: TcpInCsumErrors). A "
	   "segment that is sent again is a segment like any other.\n\n"
	   "random: each is lost with the same probability. burst: two states, good and bad "
	   "(Gilbert-Elliott): the mean burst is 1/r packets, the mean loss is bad_loss * p / "
	   "(p + r). nth: counted on each connection. tail: a small buffer in front of a slow "
	   "part. When more than above_rate came in the time over before a packet, lost ones "
	   "included, the first packets in excess, as many as buffer says, still pass and the "
	   "rest of the burst is lost; a sender that is paced at that rate loses nothing.\n\n"
	   "Nothing is held. A change acts from the next packet on and keeps the count, the "
	   "state and the measured rate; disabled or removed, everything passes, and when it "
	   "acts again it begins anew. On loopback a segment of full 64 KiB, which the queue "
	   "can't change, is lost instead of spoilt.",
    .params = params,
    .cfg_size = sizeof(struct loss),
    .check = loss_check,
    .packet = &ops,
    .default_leg = IMPAIR_LEG_CLIENT,
    .of_network = true,
    .example = "loss{direction=downstream,mode=burst,p=1%,r=25%}",
};

/* faults.c - a table from what was found to impairments. */
#include "scenarios/fit/faults.h"
#include "scenarios/diagnosis/gap.h"

#include "proxy/base/clock.h"
#include "proxy/base/units.h"
#include "scenarios/base/figure_text.h"

#include <inttypes.h>
#include <string.h>

#define LOSS_MIN    20	 /* retransmissions that tell a probability */
#define RATE_MIN    3	 /* bulk responses that tell a rate */
#define RATE_SPREAD 0.15 /* the middle half of their rates lies so close to the median */
#define PAUSES_MIN  3	 /* times between pauses that tell a period */
#define DELAY_MAX   (3600 * NS_PER_S)	   /* of latency, freeze and delayed_ack */
#define RATE_MOST   UINT64_C(12500000000)  /* 100 Gbit/s, of bandwidth */
#define AFTER_MAX   (24 * 3600 * NS_PER_S) /* of a time in a connection */

/* Returns the tally of a cause that is worth an impairment, and has none yet: it has a tenth of the
 * lost time. */
static const struct tally *weighty_tally(struct fitting *f, enum cause c)
{
	const struct tally *t = f->service->tallies.of[c];

	if (!t || f->made[c] || t->lengths.total < tallies_lost(&f->service->tallies) / 10)
		return NULL;
	return t;
}

uint64_t shape_bytes(const struct durations *d, double q)
{
	return (uint64_t)(durations_quantile(d, q) + SHAPE_UNIT / 2) / SHAPE_UNIT;
}

void faults_put_frames(const struct fitting *f, const uint32_t *frames, int n)
{
	for (int i = 0; i < n && frames[i]; i++)
		fprintf(f->out, "%s %u", i ? "," : "", frames[i]);
	fputc('\n', f->out);
}

/* A comment with what was read, and the frames of the first. */
static void comment_stalls(const struct fitting *f, const struct tally *t)
{
	char median[UNITS_TEXT];

	fprintf(f->out, "      # %" PRIu64 " wait%s, median %s; the first: frames", t->lengths.n,
		plural_ending(t->lengths.n),
		format_seconds(clock_seconds(durations_quantile(&t->values, 0.5)), median));
	faults_put_frames(f, t->first.frames, STALL_FRAMES);
}

/* Writes a time to 10 us, since more is noise, and within the limits of an impairment. */
static char *time_words(int64_t ns, int64_t least, int64_t most, char buf[UNITS_TEXT])
{
	ns = ns < least ? least : ns > most ? most : ns;
	return format_duration((ns + 5000) / 10000 * 10000, buf);
}

static char *median_time(const struct tally *t, char buf[UNITS_TEXT])
{
	return time_words(durations_quantile(&t->values, 0.5), NS_PER_MS, DELAY_MAX, buf);
}

/* Returns a share in percent, without an exponent. */
static double find_percent(uint64_t part, uint64_t all)
{
	double share = part < all ? 100 * (double)part / (double)all : 100;

	return share > 1e-4 ? share : 1e-4;
}

static const struct finding *find_finding(const struct fitting *f, enum finding_kind kind)
{
	const struct findings *all = &f->d->groups.findings;

	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].first.kind == kind &&
		    addr_equal(&all->list[i].first.server, &f->service->server))
			return &all->list[i];
	return NULL;
}

/* Returns what becomes of one connection too many, by what became of most that failed. */
static const char *limit_denial(struct fitting *f)
{
	const struct service_counts *n = &f->service->counts;
	uint64_t silent = f->service->with[CAUSE_ACCEPTED_SILENT];
	uint64_t dropped = n->dropped_by_fin + n->dropped_by_rst;

	if (silent > dropped && silent > n->refused) {
		f->made[CAUSE_ACCEPTED_SILENT] = true;
		return "silent";
	}
	if (n->refused > dropped) {
		f->told[FINDING_REFUSED] = f->made[CAUSE_REFUSED] = true;
		return "refused";
	}
	/* Who closes what he hasn't read to the end resets, too. */
	f->told[FINDING_DROPPED] = true;
	return n->dropped_by_fin ? "close" : "reset";
}

static bool fit_limit(struct fitting *f)
{
	const struct finding *x = find_finding(f, FINDING_CONNECTION_LIMIT);
	const char *deny;

	if (!x)
		return false;
	f->told[FINDING_CONNECTION_LIMIT] = true;
	deny = limit_denial(f);
	fprintf(f->out, "      # %s; the first that failed: frames", x->first.label);
	faults_put_frames(f, x->first.frames, FINDING_FRAMES);
	fprintf(f->out, "      - {connection_limit: {limit: %" PRIu64 ", key: %s, deny: %s}}\n",
		x->first.number, limits_are_of_all(x->first.label) ? "proxy" : "client", deny);
	return true;
}

/* Returns how far the middle nine tenths reach, by their median. */
static double find_spread(const struct durations *d)
{
	int64_t middle = durations_quantile(d, 0.5);

	return middle <= 0 ? 1e9
			   : (double)(durations_quantile(d, 0.95) - durations_quantile(d, 0.05)) /
				 (double)middle;
}

/* By bisection of their quantiles. */
uint64_t faults_count_from(const struct durations *d, int64_t limit)
{
	double low = 0, high = 1;

	if (!d->n || durations_quantile(d, 1) < limit)
		return 0;
	for (int i = 0; i < 30; i++) {
		double middle = (low + high) / 2;

		if (durations_quantile(d, middle) < limit)
			low = middle;
		else
			high = middle;
	}
	return (uint64_t)((1 - low) * (double)d->n + 0.5);
}

static void put_death(const struct fitting *f)
{
	const struct shape *s = f->shape;
	uint64_t others = s->alive_at.n;
	char after[UNITS_TEXT];

	fputs("      - {vanish: {after: ", f->out);
	if (find_spread(&s->dead_at) <= find_spread(&s->dead_after)) {
		others = faults_count_from(&s->alive_at, durations_quantile(&s->dead_at, 0.5));
		fprintf(f->out, "%" PRIu64 "B", shape_bytes(&s->dead_at, 0.5));
	} else {
		fputs(time_words(durations_quantile(&s->dead_after, 0.5), NS_PER_MS, AFTER_MAX,
				 after),
		      f->out);
	}
	/* Those that never came so far might have died, too. */
	if (others)
		fprintf(f->out, ", probability: %.3g%%",
			find_percent(s->dead_at.n, s->dead_at.n + others));
	fputs("}}\n", f->out);
}

static bool fit_vanish(struct fitting *f)
{
	static const enum cause made[] = {CAUSE_PATH_DEAD,    CAUSE_RTO,
					  CAUSE_RTO_TAIL,     CAUSE_RTO_DOUBLE,
					  CAUSE_TAIL_PROBE,   CAUSE_MIDSTREAM_SILENCE,
					  CAUSE_SERVER_PAUSE, CAUSE_ACCEPTED_SILENT};
	const struct shape *s = f->shape;
	const struct tally *think = f->service->tallies.of[CAUSE_SERVER_THINK];

	if (!s->dead_at.n)
		return false;
	/* A request that was acknowledged, and that is all: nothing else of it is seen. */
	f->made[CAUSE_SERVER_THINK] = think && think->lengths.n <= s->dead_at.n;
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		f->made[made[i]] = true;
	fprintf(f->out,
		"      # %" PRIu64 " of %" PRIu64
		" connections: nothing came any more of one end, and "
		"the other tried in vain,\n      # the first: frame %u\n",
		s->dead_at.n, s->connections, s->dead_frame);
	put_death(f);
	return true;
}

/* Thinking as long as a pause is what a lone connection shows of one. */
static void make_thinking(struct fitting *f, int64_t pause)
{
	static const enum cause like[] = {CAUSE_SERVER_THINK, CAUSE_SERVER_PAUSE,
					  CAUSE_CLIENT_PAUSE, CAUSE_ACKS_LATE,
					  CAUSE_RTO,	      CAUSE_RTO_TAIL};

	for (size_t i = 0; i < ARRAY_LEN(like); i++) {
		const struct tally *t = f->service->tallies.of[like[i]];

		if (t && durations_quantile(&t->lengths, 0.5) < pause + pause / 5)
			f->made[like[i]] = true;
	}
}

static bool fit_freeze(struct fitting *f)
{
	const struct pauses *p = &f->shape->pauses;
	const struct tally *t = weighty_tally(f, CAUSE_HOST_FREEZE);
	int64_t pause = durations_quantile(&p->lengths, 0.5);
	/* Of some pauses nobody noticed anything, and their neighbours are two or more periods
	 * apart. */
	int64_t period = durations_quantile(&p->periods, 0.25);
	char run[UNITS_TEXT], stop[UNITS_TEXT];

	if (!t || p->periods.n < PAUSES_MIN)
		return false;
	f->made[CAUSE_HOST_FREEZE] = true;
	comment_stalls(f, t);
	fprintf(f->out,
		"      # in %" PRIu64 " pauses of the host, half of them more than %s apart\n",
		p->lengths.n, format_seconds(clock_seconds(period), run));
	fprintf(f->out, "      - {freeze: {run: %s, pause: %s%s}}\n",
		time_words(period - pause, NS_PER_MS, DELAY_MAX, run),
		time_words(pause, NS_PER_MS, DELAY_MAX, stop),
		2 * p->of_client > p->lengths.n ? ", side: client" : "");
	make_thinking(f, pause);
	return true;
}

static bool fit_delayed_ack(struct fitting *f)
{
	const struct tally *t = NULL;
	char timer[UNITS_TEXT];

	for (int c = CAUSE_DELAYED_ACK_LINUX; c <= CAUSE_DELAYED_ACK_OTHER && !t; c++) {
		t = weighty_tally(f, (enum cause)c);
		f->made[c] = f->made[c] || t;
	}
	if (!t)
		return false;
	comment_stalls(f, t);
	fprintf(f->out, "      - {delayed_ack: {direction: %s, timer: %s, every: 2}}\n",
		2 * t->to_client >= t->lengths.n ? "downstream" : "upstream",
		median_time(t, timer));
	return true;
}

static bool fit_stall(struct fitting *f)
{
	const struct tally *t;

	if (!f->shape->silent_at.n)
		return false;
	t = weighty_tally(f, CAUSE_MIDSTREAM_SILENCE);
	if (!t)
		return false;
	f->made[CAUSE_MIDSTREAM_SILENCE] = true;
	comment_stalls(f, t);
	fprintf(f->out,
		"      - {stall: {direction: downstream, after: %" PRIu64 "B, side: write}}\n",
		shape_bytes(&f->shape->silent_at, 0.5));
	return true;
}

static bool fit_cut(struct fitting *f)
{
	if (!f->shape->cut_at.n)
		return false;
	f->told[FINDING_TRUNCATED] = true;
	fprintf(f->out,
		"      # %" PRIu64 " responses ended too early, at %" PRIu64 " to %" PRIu64
		" bytes; the first: frame %u\n",
		f->shape->cut_at.n, shape_bytes(&f->shape->cut_at, 0),
		shape_bytes(&f->shape->cut_at, 1), f->shape->cut_frame);
	fprintf(f->out, "      - {cut: {direction: downstream, after: %" PRIu64 "B}}\n",
		shape_bytes(&f->shape->cut_at, 0.5));
	return true;
}

static bool fit_loss(struct fitting *f)
{
	static const enum cause made[] = {CAUSE_RTO, CAUSE_RTO_TAIL, CAUSE_RTO_DOUBLE,
					  CAUSE_TAIL_PROBE, CAUSE_FAST_RECOVERY};
	const struct shape *s = f->shape;

	if (s->again < LOSS_MIN)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		f->made[made[i]] = true;
	fprintf(f->out,
		"      # %" PRIu64 " of %" PRIu64
		" segments lost; the first that was sent again: frame %u\n",
		s->again, s->segments, s->again_frame);
	fprintf(f->out, "      - {loss: {direction: downstream, rate: %.3g%%}}\n",
		find_percent(s->again, s->segments));
	return true;
}

/* Returns whether bulk responses all come at one rate, as a link gives it. */
static bool has_one_rate(const struct shape *s)
{
	double low = (double)durations_quantile(&s->rate, 0.25);
	double middle = (double)durations_quantile(&s->rate, 0.5);
	double high = (double)durations_quantile(&s->rate, 0.75);

	return s->rate.n >= RATE_MIN && low > (1 - RATE_SPREAD) * middle &&
	       high < (1 + RATE_SPREAD) * middle;
}

static bool fit_bandwidth(struct fitting *f)
{
	const struct shape *s = f->shape;
	uint64_t rate = shape_bytes(&s->rate, 0.5);

	if (s->again >= LOSS_MIN || !has_one_rate(s) || !rate || rate > RATE_MOST)
		return false;
	fprintf(f->out,
		"      # %" PRIu64
		" responses of %d KiB or more, at %.4g to %.4g MB/s; the first: frames %u, %u\n",
		s->rate.n, SHAPE_BULK >> 10,
		(double)durations_quantile(&s->rate, 0.05) / SHAPE_UNIT / 1e6,
		(double)durations_quantile(&s->rate, 0.95) / SHAPE_UNIT / 1e6, s->bulk_frames[0],
		s->bulk_frames[1]);
	fprintf(f->out, "      - {bandwidth: {direction: downstream, rate: %" PRIu64 "B/s}}\n",
		rate);
	return true;
}

/* Writes the share of connections on which an impairment acts. */
static void put_probability(const struct fitting *f, uint64_t with)
{
	fprintf(f->out, "probability: %.3g%%}}\n",
		find_percent(with, f->service->counts.connections));
}

/* Requests that the server's kernel acknowledges, and nobody answers: waits for the answer, and,
 * when the client has left, for the server's end. */
static bool fit_hung(struct fitting *f)
{
	const struct shape *s = f->shape;
	const struct tally *t = weighty_tally(f, CAUSE_SERVER_THINK);

	if (!t || !s->hung || t->lengths.n > 2 * s->hung)
		return false;
	f->made[CAUSE_SERVER_THINK] = true;
	fprintf(f->out,
		"      # %" PRIu64 " of %" PRIu64
		" connections with a request, and without a byte of "
		"answer or an end by the server;\n      # the first: frame %u\n",
		s->hung, s->connections, s->hung_frame);
	fputs("      - {refuse: {mode: silent, ", f->out);
	put_probability(f, s->hung);
	return true;
}

static bool fit_silent(struct fitting *f)
{
	const struct tally *t = weighty_tally(f, CAUSE_ACCEPTED_SILENT);

	if (!t)
		return false;
	f->made[CAUSE_ACCEPTED_SILENT] = true;
	comment_stalls(f, t);
	fputs("      - {stall: {direction: downstream, after: 0B, side: write, ", f->out);
	put_probability(f, f->service->with[CAUSE_ACCEPTED_SILENT]);
	return true;
}

static bool fit_close_stuck(struct fitting *f)
{
	const struct tally *t = weighty_tally(f, CAUSE_CLOSE_STUCK);

	if (!t)
		return false;
	f->made[CAUSE_CLOSE_STUCK] = true;
	comment_stalls(f, t);
	fputs("      - {hold_close: {direction: downstream}}\n", f->out);
	return true;
}

static bool fit_blackhole(struct fitting *f)
{
	const struct tally *t = weighty_tally(f, CAUSE_CONNECT_BLACKHOLE);

	if (!t)
		return false;
	f->told[FINDING_BLACKHOLE] = true;
	f->made[CAUSE_CONNECT_BLACKHOLE] = true;
	comment_stalls(f, t);
	fputs("      - {syn_drop: {", f->out);
	put_probability(f, f->service->with[CAUSE_CONNECT_BLACKHOLE]);
	return true;
}

/* Whether the capture's end has cut most of these waits off. */
static bool is_still_open(const struct tally *t)
{
	return 2 * t->labelled > t->lengths.n &&
	       (strcmp(t->label, GAP_STILL_OPEN) == 0 || strcmp(t->label, GAP_NOT_CLOSED) == 0);
}

static bool fit_think(struct fitting *f)
{
	const struct tally *t = weighty_tally(f, CAUSE_SERVER_THINK);
	char delay[UNITS_TEXT];

	if (!t || is_still_open(t))
		return false;
	f->made[CAUSE_SERVER_THINK] = true;
	f->up_to[CAUSE_SERVER_THINK] = 2 * durations_quantile(&t->values, 0.5);
	comment_stalls(f, t);
	fprintf(f->out, "      - {latency: {direction: downstream, delay: %s",
		median_time(t, delay));
	if (2 * t->lengths.n < f->shape->exchanges)
		fprintf(f->out, ", framing: http1, per: message, probability: %.3g%%",
			find_percent(t->lengths.n, f->shape->exchanges));
	fputs("}}\n", f->out);
	return true;
}

/* In this order: what the first makes isn't made twice. The names of the faults are those of
 * impairments/list.h; a scenario is checked when it is loaded. */
static bool (*const writers[])(struct fitting *f) = {
    fit_limit,	   fit_vanish, fit_freeze, fit_delayed_ack, fit_stall,	   fit_cut,   fit_loss,
    fit_bandwidth, fit_hung,   fit_silent, fit_close_stuck, fit_blackhole, fit_think,
};

bool faults_write(struct fitting *f)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(writers); i++)
		any = writers[i](f) || any;
	return any;
}

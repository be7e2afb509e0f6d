/* fit.c - a table from causes to impairments, and a scenario around it. */
#include "scenarios/fit/fit.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <inttypes.h>
#include <string.h>

#define WEIGHTS		4
#define LOSS_MIN	20   /* retransmissions that tell a probability */
#define RATE_MIN	3    /* bulk responses that tell a rate */
#define RATE_SPREAD	0.15 /* the middle half of their rates lies so close to the median */
#define EXCHANGES_MAX	10000
#define CONNECTIONS_MAX 1024 /* of the workload rpc, as the two below */
#define REQUEST_MIN	112
#define RESPONSE_MIN	180

/* What an impairment's writer may ask. */
struct fitting {
	const struct service *service;
	const struct shape *shape;
	FILE *out;
};

/* Returns the tally of a cause that is worth an impairment: it has a tenth of the lost time. */
static const struct tally *weighty_tally(const struct fitting *f, enum cause c)
{
	const struct tally *t = f->service->tallies.of[c];

	if (!t || t->lengths.total * 10 < tallies_lost(&f->service->tallies))
		return NULL;
	return t;
}

static uint64_t bytes_of(const struct durations *d, double q)
{
	return (uint64_t)(durations_quantile(d, q) + SHAPE_UNIT / 2) / SHAPE_UNIT;
}

/* A comment with what was read, and the frames of the first. */
static void comment_stalls(const struct fitting *f, const struct tally *t)
{
	char median[UNITS_TEXT];

	fprintf(f->out, "      # %" PRIu64 " waits, median %s; the first: frames", t->lengths.n,
		format_seconds(clock_seconds(durations_quantile(&t->values, 0.5)), median));
	for (int i = 0; i < STALL_FRAMES && t->first.frames[i]; i++)
		fprintf(f->out, "%s %u", i ? "," : "", t->first.frames[i]);
	fputc('\n', f->out);
}

static char *median_time(const struct tally *t, char buf[UNITS_TEXT])
{
	/* To 10 us: more is noise. */
	int64_t ns = (durations_quantile(&t->values, 0.5) + 5000) / 10000 * 10000;

	return format_duration(ns, buf);
}

static bool fit_delayed_ack(const struct fitting *f)
{
	const struct tally *t = NULL;
	char timer[UNITS_TEXT];

	for (int c = CAUSE_DELAYED_ACK_LINUX; c <= CAUSE_DELAYED_ACK_OTHER && !t; c++)
		t = weighty_tally(f, (enum cause)c);
	if (!t)
		return false;
	comment_stalls(f, t);
	fprintf(f->out, "      - {delayed_ack: {direction: %s, timer: %s, every: 2}}\n",
		2 * t->to_client >= t->lengths.n ? "downstream" : "upstream",
		median_time(t, timer));
	return true;
}

static bool fit_stall(const struct fitting *f)
{
	const struct tally *t = weighty_tally(f, CAUSE_MIDSTREAM_SILENCE);

	if (!t || !f->shape->silent_at.n)
		return false;
	comment_stalls(f, t);
	fprintf(f->out,
		"      - {stall: {direction: downstream, after: %" PRIu64 "B, side: write}}\n",
		bytes_of(&f->shape->silent_at, 0.5));
	return true;
}

static bool fit_cut(const struct fitting *f)
{
	if (!f->shape->cut_at.n)
		return false;
	fprintf(f->out,
		"      # %" PRIu64 " responses ended too early, at %" PRIu64 " to %" PRIu64
		" bytes; the first: frame %u\n",
		f->shape->cut_at.n, bytes_of(&f->shape->cut_at, 0), bytes_of(&f->shape->cut_at, 1),
		f->shape->cut_frame);
	fprintf(f->out, "      - {cut: {direction: downstream, after: %" PRIu64 "B}}\n",
		bytes_of(&f->shape->cut_at, 0.5));
	return true;
}

static bool fit_loss(const struct fitting *f)
{
	const struct shape *s = f->shape;

	if (s->again < LOSS_MIN)
		return false;
	fprintf(f->out,
		"      # %" PRIu64 " of %" PRIu64
		" segments lost; the first that was sent again: frame %u\n",
		s->again, s->segments, s->again_frame);
	fprintf(f->out, "      - {loss: {direction: downstream, rate: %.3g%%}}\n",
		100 * (double)s->again / (double)s->segments);
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

static bool fit_bandwidth(const struct fitting *f)
{
	const struct shape *s = f->shape;

	if (s->again >= LOSS_MIN || !has_one_rate(s))
		return false;
	fprintf(f->out,
		"      # %" PRIu64
		" responses of %d KiB or more, at %.4g to %.4g MB/s; the first: frames %u, %u\n",
		s->rate.n, SHAPE_BULK >> 10,
		(double)durations_quantile(&s->rate, 0.05) / SHAPE_UNIT / 1e6,
		(double)durations_quantile(&s->rate, 0.95) / SHAPE_UNIT / 1e6, s->bulk_frames[0],
		s->bulk_frames[1]);
	fprintf(f->out, "      - {bandwidth: {direction: downstream, rate: %" PRIu64 "B/s}}\n",
		bytes_of(&s->rate, 0.5));
	return true;
}

static bool fit_silent(const struct fitting *f)
{
	const struct tally *t = weighty_tally(f, CAUSE_ACCEPTED_SILENT);
	uint64_t with = f->service->with[CAUSE_ACCEPTED_SILENT];

	if (!t)
		return false;
	comment_stalls(f, t);
	fprintf(f->out,
		"      - {stall: {direction: downstream, after: 0B, side: write, probability: "
		"%.3g%%}}\n",
		100 * (double)with / (double)f->service->counts.connections);
	return true;
}

static bool fit_close_stuck(const struct fitting *f)
{
	const struct tally *t = weighty_tally(f, CAUSE_CLOSE_STUCK);

	if (!t)
		return false;
	comment_stalls(f, t);
	fputs("      - {hold_close: {direction: downstream}}\n", f->out);
	return true;
}

static bool fit_blackhole(const struct fitting *f)
{
	const struct tally *t = weighty_tally(f, CAUSE_CONNECT_BLACKHOLE);
	uint64_t with = f->service->with[CAUSE_CONNECT_BLACKHOLE];

	if (!t)
		return false;
	comment_stalls(f, t);
	fprintf(f->out, "      - {syn_drop: {probability: %.3g%%}}\n",
		100 * (double)with / (double)f->service->counts.connections);
	return true;
}

static bool fit_think(const struct fitting *f)
{
	const struct tally *t = weighty_tally(f, CAUSE_SERVER_THINK);
	char delay[UNITS_TEXT];

	if (!t)
		return false;
	comment_stalls(f, t);
	fprintf(f->out, "      - {latency: {direction: downstream, delay: %s}}\n",
		median_time(t, delay));
	return true;
}

/* The names of the faults are those of impairments/list.h; a scenario is checked when it is loaded.
 */
static bool (*const writers[])(const struct fitting *f) = {
    fit_delayed_ack, fit_stall,	      fit_cut,	     fit_loss,	fit_bandwidth,
    fit_silent,	     fit_close_stuck, fit_blackhole, fit_think,
};

static uint64_t at_least(uint64_t value, uint64_t least)
{
	return value > least ? value : least;
}

/* The responses' writes: two where an ACK let the second one go. */
static void write_server(const struct fitting *f)
{
	const struct shape *s = f->shape;
	uint64_t first = at_least(bytes_of(&s->first, 0.5), RESPONSE_MIN);
	uint64_t all = at_least(bytes_of(&s->response, 0.5), RESPONSE_MIN);
	uint64_t stopped = bytes_of(s->silent_at.n ? &s->silent_at : &s->cut_at, 1);

	/* Of a response that stopped nobody knows how long it was to be: longer than that. */
	all = at_least(all, stopped + stopped / 4);
	fprintf(f->out,
		"# %" PRIu64 " exchanges: responses of %" PRIu64 " to %" PRIu64
		" bytes, half below %" PRIu64 "\n",
		s->exchanges, bytes_of(&s->response, 0), bytes_of(&s->response, 1), all);
	fprintf(f->out, "server: {app: rpc, port: %u, response: ", addr_port(&s->server));
	if (first < all && all - first < first + 1460)
		fprintf(f->out, "[%" PRIu64 "B, %" PRIu64 "B]}\n", first, all - first);
	else
		fprintf(f->out, "[%" PRIu64 "B]}\n", all);
}

static void write_client(const struct fitting *f)
{
	const struct shape *s = f->shape;
	uint64_t exchanges = at_least(s->exchanges, s->connections);
	uint64_t connections = at_least(s->connections, 1);
	uint64_t each = at_least(exchanges / connections, 1);
	int64_t think = durations_quantile(&s->think, 0.5) / 100000 * 100000;
	char text[UNITS_TEXT];

	if (exchanges > EXCHANGES_MAX)
		exchanges = EXCHANGES_MAX;
	fprintf(f->out,
		"# %" PRIu64 " connections, %" PRIu64 " at once; requests of %" PRIu64
		" to %" PRIu64 " bytes\n",
		s->connections, s->at_once, bytes_of(&s->request, 0), bytes_of(&s->request, 1));
	fprintf(f->out, "client: {app: rpc, exchanges: %" PRIu64 ", ", exchanges);
	if (s->at_once > 1)
		fprintf(f->out, "connections: %" PRIu64 ", ",
			s->at_once < CONNECTIONS_MAX ? s->at_once : CONNECTIONS_MAX);
	if (connections > s->at_once)
		fprintf(f->out, "per_connection: %" PRIu64 ", ", each);
	fprintf(f->out, "request: %" PRIu64 "B, think: %s, timeout: 20s}\n",
		at_least(bytes_of(&s->request, 0.5), REQUEST_MIN),
		think > 0 ? format_duration(think, text) : "0ms");
}

static void write_head(const struct fitting *f, const char *capture)
{
	char server[ADDR_TEXT];

	fprintf(
	    f->out,
	    "# Made by wedge analyze --fit from what the capture shows; run it by\n"
	    "# wedge run ./THIS-FILE.yaml, and look at its captures by wedge analyze.\n"
	    "name: fitted\n"
	    "title: What a capture of connections to %s shows\n"
	    "source: \"%s\"\n"
	    "story: >\n"
	    "  A workload of the same shape as the one in the capture, and the impairments that\n"
	    "  make what was found in it.\n\n",
	    addr_format(&f->service->server, server), capture);
	/* A held ACK is to be the receiver's alone, and nobody is to send again meanwhile. */
	if (tallies_worst(&f->service->tallies) <= CAUSE_DELAYED_ACK_OTHER)
		fputs("lab: {quickack: on, rto_min: 400ms, tail_loss_probe: off}\n\n", f->out);
}

bool fit_write(const struct service *service, const struct shape *shape, const char *capture,
	       FILE *out)
{
	struct fitting f = {service, shape, out};
	bool any = false;

	write_head(&f, capture);
	write_server(&f);
	write_client(&f);
	fputs("\nphases:\n  baseline: []\n  impaired:\n    impairments:\n", out);
	for (size_t i = 0; i < ARRAY_LEN(writers); i++)
		any = writers[i](&f) || any;
	if (!any)
		fputs("      []\n", out);
	fputs("\nexpect:\n  - baseline.client_app.failed == 0\n", out);
	return any;
}

/* What speaks for a service, the weightiest first. */
static void weigh_service(const struct diagnosis *d, const struct service *s,
			  uint64_t weights[WEIGHTS])
{
	const struct findings *all = &d->groups.findings;

	weights[0] = (uint64_t)tallies_lost(&s->tallies);
	weights[1] = 0;
	for (size_t i = 0; i < all->n; i++)
		if (addr_equal(&all->list[i].first.server, &s->server))
			weights[1] += all->list[i].count;
	weights[2] = (uint64_t)(s->time - s->stalled); /* what a narrow link makes long */
	weights[3] = s->counts.data_bytes[DIR_DOWNSTREAM];
}

const struct service *fit_choose_service(const struct diagnosis *d)
{
	const struct service *best = NULL;
	uint64_t most[WEIGHTS] = {0}, weights[WEIGHTS];

	for (size_t i = 0; i < d->services.n; i++) {
		size_t k = 0;

		weigh_service(d, d->services.list[i], weights);
		while (k < WEIGHTS - 1 && weights[k] == most[k])
			k++;
		if (best && weights[k] <= most[k])
			continue;
		best = d->services.list[i];
		memcpy(most, weights, sizeof(most));
	}
	return best;
}

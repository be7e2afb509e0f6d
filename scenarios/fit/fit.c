/* fit.c - the workload in the shape of the one in the capture, around the impairments. */
#include "scenarios/fit/fit.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "proxy/base/units.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/fit/faults.h"
#include "scenarios/fit/rest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHTS		4
#define FAILED_WEIGHT	NS_PER_S /* a connection that failed weighs as much as so long a wait */
#define EXCHANGES_MAX	10000
#define CONNECTIONS_MAX 1024 /* of the workload rpc, as the six below */
#define REQUEST_MIN	112
#define REQUEST_MAX	(1 << 20)
#define RESPONSE_MIN	180
#define RESPONSE_MAX	(UINT64_C(4) << 30)
#define HEAD_MAX	8192 /* of the first of several writes */
#define THINK_MAX	(3600 * NS_PER_S)
#define PATIENCE_MAX	(24 * 3600 * NS_PER_S)
#define PATIENCE_STEP	(10 * NS_PER_MS)
#define PATIENCE_USUAL	(20 * NS_PER_S)
#define VARIES_MIN	0.2 /* think times vary more than a scheduler's */

static uint64_t limit_value(uint64_t value, uint64_t least, uint64_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* The responses' writes: two where an ACK let the second one go. */
static void write_server(const struct fitting *f)
{
	const struct shape *s = f->shape;
	uint64_t first = limit_value(shape_bytes(&s->first, 0.5), RESPONSE_MIN, RESPONSE_MAX);
	uint64_t all = limit_value(shape_bytes(&s->response, 0.5), RESPONSE_MIN, RESPONSE_MAX);
	const struct durations *stops = s->silent_at.n ? &s->silent_at : &s->cut_at;
	uint64_t stopped = shape_bytes(s->response.n || stops->n ? stops : &s->dead_at, 1);

	/* Of a response that stopped nobody knows how long it was to be: longer than that. */
	all = limit_value(all, stopped + stopped / 4, RESPONSE_MAX);
	fprintf(f->out,
		"# %" PRIu64 " exchange%s: responses of %" PRIu64 " to %" PRIu64
		" bytes, half below %" PRIu64 "\n",
		s->exchanges, plural_ending(s->exchanges), shape_bytes(&s->response, 0),
		shape_bytes(&s->response, 1), all);
	fprintf(f->out, "server: {app: rpc, port: %u, response: ", addr_port(&s->server));
	if (first < all && all - first < first + 1460 && first <= HEAD_MAX)
		fprintf(f->out, "[%" PRIu64 "B, %" PRIu64 "B]}\n", first, all - first);
	else
		fprintf(f->out, "[%" PRIu64 "B]}\n", all);
}

/* Returns how far think times go below their median, as a share of it. What lies above may be
 * waits of another kind. */
static double think_variation(const struct durations *think)
{
	double middle = (double)durations_quantile(think, 0.5);

	return middle <= 0 ? 0 : (middle - (double)durations_quantile(think, 0.05)) / middle / 0.9;
}

static void write_think(const struct fitting *f)
{
	const struct durations *think = &f->shape->think;
	int64_t middle = durations_quantile(think, 0.5);
	double varies = think_variation(think);
	char text[UNITS_TEXT];

	middle = middle > THINK_MAX ? THINK_MAX : middle / 100000 * 100000;
	fprintf(f->out, "think: %s, ", middle > 0 ? format_duration(middle, text) : "0ms");
	if (middle > 0 && varies >= VARIES_MIN)
		fprintf(f->out, "think_varies: %.0f%%, ", varies < 1 ? 100 * varies : 100);
}

/* How long its client waits: as the one in the capture, where that one left. */
static void write_patience(const struct fitting *f)
{
	int64_t patience = durations_quantile(&f->shape->patience, 0.5);
	char text[UNITS_TEXT];

	if (patience < NS_PER_MS)
		patience = PATIENCE_USUAL;
	if (patience > PATIENCE_MAX)
		patience = PATIENCE_MAX;
	if (patience > 20 * PATIENCE_STEP)
		patience = (patience + PATIENCE_STEP / 2) / PATIENCE_STEP * PATIENCE_STEP;
	fprintf(f->out, "timeout: %s}\n", format_duration(patience, text));
}

static void write_client(const struct fitting *f)
{
	const struct shape *s = f->shape;
	/* One that had no answer is an exchange that failed; each has one at least. */
	uint64_t exchanges = s->exchanges + s->connections - s->worked;
	uint64_t at_once = limit_value(s->at_once, 1, CONNECTIONS_MAX);

	fprintf(f->out,
		"# %" PRIu64 " connection%s, %" PRIu64 " at once; requests of %" PRIu64
		" to %" PRIu64 " bytes\n",
		s->connections, plural_ending(s->connections), s->at_once,
		shape_bytes(&s->request, 0), shape_bytes(&s->request, 1));
	fprintf(f->out, "client: {app: rpc, exchanges: %" PRIu64 ", ",
		limit_value(exchanges, at_once, EXCHANGES_MAX));
	if (at_once > 1)
		fprintf(f->out, "connections: %" PRIu64 ", ", at_once);
	if (s->worked > at_once)
		fprintf(f->out, "per_connection: %" PRIu64 ", ",
			limit_value(shape_bytes(&s->exchanges_each, 0.9), 1, EXCHANGES_MAX));
	fprintf(f->out, "request: %" PRIu64 "B, ",
		limit_value(shape_bytes(&s->request, 0.5), REQUEST_MIN, REQUEST_MAX));
	write_think(f);
	write_patience(f);
}

/* Writes any bytes as YAML's text in double quotes. */
static void put_quoted(const char *text, FILE *out)
{
	char *line = text_print_line(text);

	fputc('"', out);
	for (const char *c = line; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
	fputc('"', out);
	free(line);
}

static void write_head(const struct fitting *f, const char *capture)
{
	char server[ADDR_TEXT];

	fprintf(f->out,
		"# Made by wedge analyze --fit from what the capture shows; run it by\n"
		"# wedge run ./THIS-FILE.yaml, and look at its captures by wedge analyze.\n"
		"name: fitted\n"
		"title: What a capture of connections to %s shows\n"
		"source: ",
		addr_format(&f->service->server, server));
	put_quoted(capture, f->out);
	fputs("\nstory: >\n"
	      "  A workload of the same shape as the one in the capture, and the impairments that\n"
	      "  make what was found in it.\n\n",
	      f->out);
	/* A held ACK is to be the receiver's alone, and nobody is to send again meanwhile. */
	if (tallies_worst(&f->service->tallies) <= CAUSE_DELAYED_ACK_OTHER)
		fputs("lab: {quickack: on, rto_min: 400ms, tail_loss_probe: off}\n\n", f->out);
}

struct fit_outcome fit_write(const struct diagnosis *d, const struct service *service,
			     const struct shape *shape, const char *capture, FILE *out)
{
	struct fitting f = {.d = d, .service = service, .shape = shape, .out = out};
	struct fit_outcome outcome;

	write_head(&f, capture);
	write_server(&f);
	write_client(&f);
	fputs("siblings: {}\n\nphases:\n  baseline: []\n  impaired:\n    impairments:\n", out);
	outcome.any = faults_write(&f);
	if (!outcome.any)
		fputs("      []\n", out);
	fputs("\nexpect:\n  - baseline.client_app.failed == 0\n", out);
	outcome.left = rest_write(&f);
	return outcome;
}

/* What speaks for a service, the weightiest first. */
static void weigh_service(const struct diagnosis *d, const struct service *s,
			  uint64_t weights[WEIGHTS])
{
	const struct findings *all = &d->groups.findings;

	weights[0] = (uint64_t)tallies_lost(&s->tallies);
	weights[1] = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (!addr_equal(&all->list[i].first.server, &s->server))
			continue;
		weights[1] += all->list[i].count;
		if (all->list[i].first.kind != FINDING_NO_CLOSE_NOTIFY)
			weights[0] += all->list[i].count * (uint64_t)FAILED_WEIGHT;
	}
	weights[2] = (uint64_t)(s->time - s->stalled); /* what a narrow link makes long */
	weights[3] = s->counts.data_bytes[DIR_DOWNSTREAM];
}

const struct service *fit_choose_service(const struct diagnosis *d)
{
	const struct service *best = NULL;
	uint64_t most[WEIGHTS] = {0}, weights[WEIGHTS];

	for (size_t i = 0; i < d->services.n; i++) {
		size_t k = 0;

		if (!addr_port(&d->services.list[i]->server))
			continue; /* many servers together, each too small to tell */
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

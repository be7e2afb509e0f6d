/* rest.c - a comment a line, under one heading, which is there when a line is. */
#include "scenarios/fit/rest.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/figure_text.h"

#include <inttypes.h>
#include <stdlib.h>

struct rest {
	const struct fitting *f;
	bool any;
	int64_t time; /* of the waits, nanoseconds */
};

/* Begins a line. */
static FILE *begin_line(struct rest *r)
{
	fputs(r->any ? "#   " : "\n# Found, and not made by this scenario:\n#   ", r->f->out);
	r->any = true;
	return r->f->out;
}

static void write_cause(struct rest *r, enum cause c, const struct tally *t)
{
	char total[UNITS_TEXT];

	fprintf(begin_line(r), "%s: %" PRIu64 " wait%s, %s in all; the first: frames",
		cause_row(c)->words, t->lengths.n, plural_ending(t->lengths.n),
		time_text(t->lengths.total, total));
	faults_put_frames(r->f, t->first.frames, STALL_FRAMES);
	r->time = sum_of_times(r->time, t->lengths.total);
}

/* Returns the time of the waits from limit on: of each it is known to 1 %. */
static int64_t sum_from(const struct durations *d, uint64_t n)
{
	int64_t sum = 0;
	size_t steps = n < 1000 ? (size_t)n : 1000;

	for (size_t i = 0; i < steps; i++) {
		double q = 1 - (double)n / (double)d->n * ((double)i + 0.5) / (double)steps;

		sum = sum_of_times(
		    sum, (int64_t)((double)durations_quantile(d, q) * (double)n / (double)steps));
	}
	return sum;
}

/* Those that are longer than what was written makes. */
static void write_longer(struct rest *r, enum cause c, const struct tally *t)
{
	uint64_t n = faults_count_from(&t->lengths, r->f->up_to[c] + 1);
	char limit[UNITS_TEXT], total[UNITS_TEXT];
	int64_t sum;

	if (!n || t->longest.to - t->longest.from <= r->f->up_to[c])
		return;
	sum = sum_from(&t->lengths, n);
	fprintf(begin_line(r),
		"%s of more than %s: %" PRIu64 " wait%s, about %s in all; the longest: frames",
		cause_row(c)->words, time_text(r->f->up_to[c], limit), n, plural_ending(n),
		time_text(sum, total));
	faults_put_frames(r->f, t->longest.frames, STALL_FRAMES);
	r->time = sum_of_times(r->time, sum);
}

static void write_causes(struct rest *r)
{
	const struct tallies *t = &r->f->service->tallies;
	enum cause order[CAUSE_COUNT];
	size_t n = tallies_order(t, order);

	for (size_t i = 0; i < n; i++) {
		if (!cause_row(order[i])->lost)
			continue;
		if (!r->f->made[order[i]])
			write_cause(r, order[i], t->of[order[i]]);
		else if (r->f->up_to[order[i]])
			write_longer(r, order[i], t->of[order[i]]);
	}
}

static void write_findings(struct rest *r)
{
	const struct findings *all = &r->f->d->groups.findings;

	for (size_t i = 0; i < all->n; i++) {
		const struct found *x = &all->list[i].first;

		if (r->f->told[x->kind] || !addr_equal(&x->server, &r->f->service->server))
			continue;
		fprintf(begin_line(r), "%s: %" PRIu64 "; the first: frames",
			finding_row(x->kind)->key, all->list[i].count);
		faults_put_frames(r->f, x->frames, FINDING_FRAMES);
	}
}

/* The scenario is of one server. */
static void write_others(struct rest *r)
{
	const struct service **order = services_by_loss(&r->f->d->services);
	char server[ADDR_TEXT], lost[UNITS_TEXT];

	for (size_t i = 0; i < r->f->d->services.n; i++) {
		const struct service *s = order[i];
		enum cause worst = tallies_worst(&s->tallies);
		int64_t sum = tallies_lost(&s->tallies);

		if (s == r->f->service || worst == CAUSE_COUNT)
			continue;
		fprintf(begin_line(r),
			"of another server, %s: %s lost, most to %s; the first: frames",
			addr_port(&s->server) ? addr_format(&s->server, server) : "or several",
			time_text(sum, lost), cause_row(worst)->words);
		faults_put_frames(r->f, s->tallies.of[worst]->first.frames, STALL_FRAMES);
		r->time = sum_of_times(r->time, sum);
	}
	free(order);
}

int64_t rest_write(const struct fitting *f)
{
	struct rest r = {.f = f};

	write_causes(&r);
	write_findings(&r);
	write_others(&r);
	return r.time;
}

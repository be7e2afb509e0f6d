/* diagnosis_dump.c - the diagnosis of a capture as lines for a test: causes and findings by their
 * keys. */
#include "proxy/base/clock.h"
#include "scenarios/diagnosis/diagnosis.h"

#include <inttypes.h>
#include <stdio.h>

/* cause KEY COUNT MEDIAN LONGEST-VALUE LOST LABEL, times in seconds */
static void write_causes(const struct tallies *t)
{
	for (int c = 0; c < CAUSE_COUNT; c++) {
		const struct tally *x = t->of[c];

		if (!x)
			continue;
		printf("cause\t%s\t%" PRIu64 "\t%.6f\t%.6f\t%d\t%s\n",
		       cause_row((enum cause)c)->key, x->lengths.n,
		       clock_seconds(durations_quantile(&x->values, 0.5)),
		       clock_seconds(durations_quantile(&x->values, 1)),
		       cause_row((enum cause)c)->lost, x->label ? x->label : "");
	}
}

/* finding KEY COUNT NUMBER LABEL */
static void write_findings(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		printf("finding\t%s\t%" PRIu64 "\t%" PRIu64 "\t%s\n",
		       finding_row(f->list[i].first.kind)->key, f->list[i].count,
		       f->list[i].first.number,
		       f->list[i].first.label ? f->list[i].first.label : "");
}

int main(int argc, char **argv)
{
	struct diagnosis d;
	struct err e = {""};

	if (argc != 2 || diagnosis_read(argv[1], 10, &d, &e)) {
		fprintf(stderr, "diagnosis_dump: %s\n", argc == 2 ? e.text : "name a capture");
		return 2;
	}
	write_causes(&d.all.tallies);
	write_findings(&d.groups.findings);
	diagnosis_fini(&d);
	return 0;
}

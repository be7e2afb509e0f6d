/* diagnosis_script.c - the script becomes a file in memory, which is read as any capture is. */
#include "tests/rig/diagnosis_script.h"

#include "proxy/base/mem.h"

#include <unistd.h>

/* Each wait by itself is in the sum of its cause, and nothing else is. */
static void check_proofs(const struct diagnosis *d)
{
	uint64_t n[CAUSE_COUNT] = {0};
	int64_t total[CAUSE_COUNT] = {0};

	for (size_t i = 0; i < d->proofs.n; i++) {
		const struct stall *s = &d->proofs.list[i].stall;

		n[s->cause]++;
		total[s->cause] += s->to - s->from;
		BUG_ON(i && s->from < d->proofs.list[i - 1].stall.from);
	}
	for (int c = 0; c < CAUSE_COUNT; c++) {
		const struct tally *x = d->all.tallies.of[c];

		BUG_ON(n[c] != (x ? x->lengths.n : 0) || total[c] != (x ? x->lengths.total : 0));
	}
}

void diagnose(const char *script, struct diagnosis *d)
{
	char path[TRACE_PATH];
	const struct diagnosis_question q = {.ranked = 10, .each = true};
	struct err e = {""};
	struct trace t;
	int fd;

	trace_init(&t);
	trace_script(&t, script);
	fd = trace_open(t.buf.data, t.buf.len, path, &e);
	BUG_ON(fd == -1);
	BUG_ON(diagnosis_ask(path, &q, d, &e) == -1);
	check_proofs(d);
	close(fd);
	trace_free(&t);
}

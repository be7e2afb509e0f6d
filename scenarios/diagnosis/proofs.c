/* proofs.c - a list that loses its shorter half when it is full. */
#include "scenarios/diagnosis/proofs.h"

#include "proxy/base/mem.h"

#include <stdlib.h>

static int64_t proof_length(const struct proof *p)
{
	return p->stall.to - p->stall.from;
}

static int compare_times(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_length(const void *a, const void *b)
{
	return compare_times(proof_length(b), proof_length(a));
}

static int by_time(const void *a, const void *b)
{
	const struct proof *x = a, *y = b;
	int order = compare_times(x->stall.from, y->stall.from);

	return order ? order : compare_times(x->stall.connection, y->stall.connection);
}

static void leave_out_shorter(struct proofs *p)
{
	qsort(p->list, p->n, sizeof(*p->list), by_length);
	p->left_out += p->n - PROOFS_MAX / 2;
	p->n = PROOFS_MAX / 2;
	p->least = proof_length(&p->list[p->n - 1]);
}

static void append_proof(struct proofs *p, const struct proof *x)
{
	if (p->n == PROOFS_MAX)
		leave_out_shorter(p);
	if (p->left_out && proof_length(x) < p->least) {
		p->left_out++;
		return;
	}
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		p->list = xrealloc(p->list, p->room, sizeof(*p->list));
	}
	p->list[p->n++] = *x;
}

void proofs_add(struct proofs *p, const struct stall *s)
{
	append_proof(p, &(struct proof){.stall = *s});
}

void proofs_withdraw(struct proofs *p, enum cause from, enum cause to, const char *label)
{
	for (size_t i = 0; i < p->n; i++) {
		struct stall *s = &p->list[i].stall;

		if (s->cause != from)
			continue;
		s->cause = to;
		s->label = label;
	}
}

void proofs_take(struct proofs *p, struct proofs *other, const struct service *service)
{
	for (size_t i = 0; i < other->n; i++) {
		other->list[i].service = service;
		append_proof(p, &other->list[i]);
	}
	p->left_out += other->left_out;
	proofs_fini(other);
}

void proofs_finish(struct proofs *p)
{
	if (p->n)
		qsort(p->list, p->n, sizeof(*p->list), by_time);
	for (size_t i = 0; i < p->n; i++) {
		struct stall *s = &p->list[i].stall;
		const struct tally *x = p->list[i].service->tallies.of[s->cause];

		if (x && !x->labelled)
			s->label = NULL;
	}
}

void proofs_fini(struct proofs *p)
{
	free(p->list);
	*p = (struct proofs){NULL};
}

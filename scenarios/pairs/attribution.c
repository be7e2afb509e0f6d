/* attribution.c - the chain of a wait's packets through both captures; its links are the shares. */
#include "scenarios/pairs/attribution.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <string.h>

#define LIBERATION (2 * NS_PER_MS) /* docs/rules.md, R4 */

/* Returns how much longer the SYN's answer took in a than in b, over all twins: the longer, the
 * nearer to the client. 0: no handshake tells. */
static int64_t compare_answers(const struct identities *a, const struct identities *b,
			       const struct twins *t)
{
	int64_t longer = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct identity *x = &a->list[i];

		if (t->of[i] != NO_TWIN && x->answer && b->list[t->of[i]].answer)
			longer += x->answer > b->list[t->of[i]].answer ? 1 : -1;
	}
	return longer;
}

static void align_clocks(struct attribution *a, const struct near_pass *near)
{
	align_init(&a->clocks, near->stream.first, near->stream.last - near->stream.first);
	for (size_t i = 0; i < near->nconnections; i++)
		for (int d = 0; d < DIR_COUNT; d++) {
			const struct point_list *p = &near->connections[i].points.sent[d];

			for (size_t k = 0; k < p->met; k++)
				align_add(&a->clocks, (enum dir)d, p->list[k].a, p->list[k].b);
		}
}

/* The time that a link of the chain took, by the first capture's clock. */
static int64_t link_length(const struct attribution *a, const struct point *p, bool up)
{
	int64_t there = align_to_first(&a->clocks, p->b) - p->a;

	return up ? there : -there;
}

/* Splits a wait; false: the second capture lacks one of its packets. */
static bool split_wait(const struct attribution *a, const struct near_pass *near,
		       const struct near_stall *x, int64_t shares[SHARES])
{
	const struct points *p = &near->connections[x->connection].points;
	const struct point *before = &p->sent[x->before_dir].list[x->before];
	const struct point *after = &p->sent[x->after_dir].list[x->after], *acked;
	int64_t beyond = after->b - before->b;

	memset(shares, 0, SHARES * sizeof(*shares));
	if (!before->b || !after->b)
		return false;
	if (x->after_dir == DIR_UPSTREAM) {
		/* The client goes on when it likes, or when an ACK has come to it. */
		shares[SHARE_CLIENT] = after->a - before->a;
		return true;
	}
	if (x->before_dir == DIR_UPSTREAM) {
		shares[SHARE_UP] = link_length(a, before, true);
		shares[SHARE_SERVER] = beyond;
		shares[SHARE_DOWN] = link_length(a, after, false);
		return true;
	}
	acked = x->acked == NO_POINT ? NULL : &p->acked[x->before_dir].list[x->acked];
	if (acked && acked->b && acked->a >= before->a && acked->b <= after->b &&
	    after->b - acked->b <= LIBERATION) {
		/* The server waited for that acknowledgement. */
		shares[SHARE_CLIENT] = acked->a - before->a;
		shares[SHARE_UP] = link_length(a, acked, true);
		shares[SHARE_SERVER] = after->b - acked->b;
		shares[SHARE_DOWN] = link_length(a, after, false);
		return true;
	}
	shares[SHARE_SERVER] = beyond;
	shares[SHARE_DOWN] = after->a - before->a - beyond;
	return true;
}

static void attribute_stalls(struct attribution *a, const struct near_pass *near,
			     const struct twins *t)
{
	int64_t shares[SHARES];

	for (size_t i = 0; i < near->nstalls; i++) {
		const struct near_stall *x = &near->stalls[i];
		struct attributed *to = &a->causes[x->stall.cause];

		if (t->of[x->connection] == NO_TWIN || !split_wait(a, near, x, shares)) {
			a->not_found++;
			continue;
		}
		if (!to->lengths.n)
			to->first = x->stall;
		durations_add(&to->lengths, x->stall.to - x->stall.from);
		for (int s = 0; s < SHARES; s++)
			durations_add(&to->shares[s], shares[s]);
	}
	a->not_found += near->not_kept;
}

/* Sums up what was lost where the second capture has nothing to say. */
static void count_absent(struct attribution *a, const struct near_pass *near, const struct twins *t)
{
	for (size_t i = 0; i < near->identities.n; i++) {
		if (t->of[i] != NO_TWIN || !near->connections[i].lost)
			continue;
		a->absent++;
		a->absent_lost = sum_of_times(a->absent_lost, near->connections[i].lost);
	}
}

static size_t count_connections(const struct identities *ids)
{
	size_t n = 0;

	for (size_t i = 0; i < ids->n; i++)
		n += ids->list[i].at != 0;
	return n;
}

/* With both captures' connections known, and near the one nearer to the client. */
static int attribute_waits(struct attribution *a, struct near_pass *near, const char *far,
			   const struct identities *ids, const struct twins *t, struct err *e)
{
	memcpy(a->twins, t->n, sizeof(a->twins));
	a->ambiguous = t->ambiguous;
	count_absent(a, near, t);
	if (far_pass_moments(far, near, ids, t, e))
		return -1;
	align_clocks(a, near);
	if (!align_solve(&a->clocks))
		return err_set(
		    e, "the captures have no data of both directions in common, which shows "
		       "the difference of their clocks");
	if (!align_is_possible(&a->clocks))
		return err_set(e, "no two clocks explain the packets that the captures have in "
				  "common: they are of different times or traffic; two of one "
				  "traffic are expected");
	attribute_stalls(a, near, t);
	return 0;
}

/* Reads both, paths[near] as the one nearer to the client. 1: it is the other one. */
static int read_ordered(const char *const paths[2], int near, struct attribution *a, struct err *e)
{
	struct identities ids = {.n = 0};
	struct near_pass pass;
	struct twins twins = {.of = NULL};
	int rc = near_pass_read(paths[near], &pass, e);

	if (!rc)
		rc = far_pass_identities(paths[!near], &ids, e);
	if (!rc) {
		twins_find(&pass.identities, &ids, &twins);
		a->connections[0] = count_connections(&pass.identities);
		a->connections[1] = count_connections(&ids);
		if (!twins.n[TWIN_SAME] && !twins.n[TWIN_NAT] && !twins.n[TWIN_PROXY])
			rc = err_set(e, "%s and %s have no connection in common", paths[near],
				     paths[!near]);
	}
	if (!rc && !near && compare_answers(&pass.identities, &ids, &twins) < 0)
		rc = 1;
	if (!rc)
		rc = attribute_waits(a, &pass, paths[!near], &ids, &twins, e);
	twins_fini(&twins);
	identities_fini(&ids);
	near_pass_fini(&pass);
	return rc;
}

int attribution_read(const char *const paths[2], struct attribution *a, struct err *e)
{
	int rc;

	memset(a, 0, sizeof(*a));
	rc = read_ordered(paths, 0, a, e);
	if (rc == 1) {
		a->swapped = true;
		rc = read_ordered(paths, 1, a, e);
	}
	if (rc)
		attribution_fini(a);
	return rc;
}

void attribution_fini(struct attribution *a)
{
	for (int c = 0; c < CAUSE_COUNT; c++) {
		durations_fini(&a->causes[c].lengths);
		for (int s = 0; s < SHARES; s++)
			durations_fini(&a->causes[c].shares[s]);
	}
}

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

/* A way that ends before it begins is the clocks' error: the other way has as much too much. */
static void settle_ways(int64_t shares[SHARES])
{
	for (int s = SHARE_UP; s <= SHARE_DOWN; s += SHARE_DOWN - SHARE_UP) {
		int other = s == SHARE_UP ? SHARE_DOWN : SHARE_UP;

		if (shares[s] >= 0 || shares[other] <= 0)
			continue;
		shares[other] += shares[s];
		shares[s] = 0;
	}
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
			durations_add(&a->unsplit[x->stall.cause], x->stall.to - x->stall.from);
			continue;
		}
		settle_ways(shares);
		if (!to->lengths.n)
			to->first = x->stall;
		durations_add(&to->lengths, x->stall.to - x->stall.from);
		for (int s = 0; s < SHARES; s++)
			durations_add(&to->shares[s], shares[s]);
	}
	for (int c = 0; c < CAUSE_COUNT; c++)
		durations_merge(&a->unsplit[c], &near->unsplit[c]);
	a->not_found += near->not_kept;
}

/* Both captures as they are read: who their connections are, and when the second one was taken. */
struct both {
	struct near_pass near;
	struct identities far;
	struct twins twins;
	int64_t far_first, far_last;
};

/* Returns whether the second capture was being taken when the connection began. */
static bool was_taken_then(const struct attribution *a, const struct both *b, int64_t at)
{
	int64_t room = (int64_t)a->clocks.error;

	if (a->question.legs)
		return true;
	return at >= align_to_first(&a->clocks, b->far_first) - room &&
	       at <= align_to_first(&a->clocks, b->far_last) + room;
}

/* Counts a connection without a twin by why it has none. */
static void count_lonely(struct attribution *a, const struct both *b, size_t i, bool proxy)
{
	const struct identity *id = &b->near.identities.list[i];

	if (b->twins.doubtful[i]) {
		a->ambiguous++;
	} else if (proxy && !id->text[DIR_UPSTREAM]) {
		a->wordless++;
	} else if (!was_taken_then(a, b, id->at)) {
		a->outside++;
	} else {
		a->missing++;
		a->absent_lost = sum_of_times(a->absent_lost, b->near.connections[i].lost);
	}
}

/* Counts the connections that were selected, by what became of them in the second capture. What is
 * left over there may be some of the missing, which something on the way has changed. */
static void count_connections(struct attribution *a, const struct both *b, bool proxy)
{
	size_t left = 0;

	for (size_t i = 0; i < b->near.identities.n; i++) {
		if (!b->near.identities.list[i].at || !b->near.connections[i].selected)
			continue;
		a->connections[0]++;
		if (b->twins.of[i] == NO_TWIN)
			count_lonely(a, b, i, proxy);
		else
			a->twins[b->twins.kind[i]]++;
	}
	for (size_t i = 0; i < b->far.n; i++) {
		a->connections[1] += b->far.list[i].at != 0;
		left += proxy && b->far.list[i].at && b->twins.back[i] == NO_TWIN;
	}
	a->absent = a->missing > left ? a->missing - left : 0;
}

/* Returns whether any connection is in both captures; *proxy: one stands between them. */
static bool have_twins(const struct both *b, bool *proxy)
{
	bool any = false;

	*proxy = true;
	for (size_t i = 0; i < b->near.identities.n; i++) {
		any = any || b->twins.of[i] != NO_TWIN;
		*proxy = *proxy && (b->twins.of[i] == NO_TWIN || b->twins.kind[i] == TWIN_PROXY);
	}
	return any;
}

static int solve_clocks(struct attribution *a, const struct both *b, struct err *e)
{
	align_clocks(a, &b->near);
	if (a->question.legs)
		align_one_clock(&a->clocks);
	else if (!align_solve(&a->clocks))
		return err_set(
		    e, "the captures have no data of both directions in common, which shows "
		       "the difference of their clocks");
	else if (!align_is_possible(&a->clocks))
		return err_set(e, "no two clocks explain the packets that the captures have in "
				  "common: they are of different times or traffic; two of one "
				  "traffic are expected");
	return 0;
}

static struct moment far_moment(const struct attribution *a, const struct moment *m)
{
	struct moment x = *m;

	if (m->given)
		x.ns = align_to_second(&a->clocks, m->ns);
	return x;
}

/* Makes the selection for the second capture of what was selected in the first one. */
static void select_far(struct attribution *a, const struct both *b)
{
	const struct selection *s = &b->near.selection;

	a->question.selection = *s;
	a->far = (struct selection){.since = far_moment(a, &s->since),
				    .until = far_moment(a, &s->until)};
	if (!s->nnetworks && !s->nports)
		return;
	a->far_chosen = xcalloc(b->far.n + 1, sizeof(*a->far_chosen));
	for (size_t i = 0; i < b->far.n; i++)
		a->far_chosen[i] =
		    b->twins.back[i] != NO_TWIN && b->near.connections[b->twins.back[i]].selected;
	a->far.chosen = a->far_chosen;
	a->far.nchosen = b->far.n;
}

/* With both captures' connections known. */
static int attribute_waits(struct attribution *a, struct both *b, struct err *e)
{
	const struct pair_source *near = attribution_source(a, false);
	const struct pair_source *far = attribution_source(a, true);
	bool proxy;

	if (!have_twins(b, &proxy))
		return a->question.legs
			   ? err_set(e, "%s: its two legs have no connection in common%s",
				     near->path,
				     b->near.stream.broke_off ? ", as far as it goes: it breaks off"
							      : "")
			   : err_set(e, "%s and %s have no connection in common", near->path,
				     far->path);
	if (far_pass_moments(far, &b->near, &b->far, &b->twins, e) || solve_clocks(a, b, e))
		return -1;
	count_connections(a, b, proxy);
	attribute_stalls(a, &b->near, &b->twins);
	select_far(a, b);
	return 0;
}

/* Reads both, in the order that is taken for right. 1: it is the other one. */
static int read_ordered(struct attribution *a, struct err *e)
{
	const struct pair_source *near = attribution_source(a, false);
	struct both b = {.far_first = 0};
	int rc = near_pass_read(near, &a->question.selection, &b.near, e);

	if (!rc)
		rc = far_pass_identities(attribution_source(a, true), &b.far, &b.far_first,
					 &b.far_last, e);
	if (!rc) {
		twins_find(&b.near.identities, &b.far, &b.twins);
		if (!a->question.legs && !a->swapped &&
		    compare_answers(&b.near.identities, &b.far, &b.twins) < 0)
			rc = 1;
	}
	if (!rc)
		rc = attribute_waits(a, &b, e);
	twins_fini(&b.twins);
	identities_fini(&b.far);
	near_pass_fini(&b.near);
	return rc;
}

const struct pair_source *attribution_source(const struct attribution *a, bool far)
{
	return &a->question.sources[a->swapped != far];
}

int attribution_read(const struct pair_question *q, struct attribution *a, struct err *e)
{
	int rc;

	*a = (struct attribution){.question = *q};
	rc = read_ordered(a, e);
	if (rc == 1) {
		a->swapped = true;
		rc = read_ordered(a, e);
	}
	if (rc)
		attribution_fini(a);
	return rc;
}

void attribution_fini(struct attribution *a)
{
	for (int c = 0; c < CAUSE_COUNT; c++) {
		durations_fini(&a->causes[c].lengths);
		durations_fini(&a->unsplit[c]);
		for (int s = 0; s < SHARES; s++)
			durations_fini(&a->causes[c].shares[s]);
	}
	free(a->far_chosen);
}

/* match.c - every scenario on every scope from every vantage; the best of each is kept. */
#include "scenarios/match/match.h"

#include "proxy/base/mem.h"
#include "scenarios/match/condition.h"
#include "scenarios/match/evidence.h"

#include <string.h>

const char *const match_kinds[] = {"fits", "hint", "near", "none"};

/* Leaves a condition open; why: to be freed by its match. */
static void leave_open(struct scenario_match *m, char *why)
{
	m->unjudged++;
	if (m->lacks)
		free(why);
	else
		m->lacks = why;
}

/* Returns the condition's left side, what it is about; the caller frees. */
static char *subject_of(const struct expect *x)
{
	static const char *const joints[] = {" >=", " <=",	 " ==",	     " >",
					     " <",  " between ", " within ", NULL};
	size_t length = strlen(x->text);

	for (size_t i = 0; joints[i]; i++) {
		const char *at = strstr(x->text, joints[i]);

		if (at && (size_t)(at - x->text) < length)
			length = (size_t)(at - x->text);
	}
	return xasprintf("%.*s", (int)length, x->text);
}

/* Returns what the condition differs by; the caller frees. */
static char *difference_text(const struct expect *x, const char *measured, const char *why)
{
	char *subject = subject_of(x);
	char *text = measured ? xasprintf("%s is %s", subject, measured)
			      : xasprintf("%s is wanted; %s", x->text, why);

	free(subject);
	return text;
}

/* Judges one condition and counts it in *m. first: it is the first of its set. */
static void judge_condition(const struct expect *x, struct scenario_match *m, bool first)
{
	char measured[256];
	struct err why = {""};
	bool ok = false;
	int rc;

	if (!first && condition_is_withheld(x, m->scope)) {
		m->withheld = true;
		leave_open(m, xasprintf("%s (the capture lacks packets)", x->text));
		return;
	}
	rc = condition_judge(x, m->scope, &ok, measured, sizeof(measured), &why);
	if (rc == -1 && condition_lacks_others(x, m->scope)) {
		leave_open(m, xasprintf("%s (%s)", x->text, why.text));
		return;
	}
	ok = ok && !condition_is_withheld(x, m->scope);
	if (rc == 0 && ok) {
		m->holds++;
		return;
	}
	m->fails++;
	if (first)
		m->kind = MATCH_NONE;
	if (!m->differs)
		m->differs = difference_text(x, rc == 0 ? measured : NULL, why.text);
}

/* Judges the conditions of one kind that can be seen from one vantage. */
static struct scenario_match judge_set(const struct scenario *s, const struct scope *scope,
				       const char *vantage, bool hint)
{
	struct scenario_match m = {
	    .scenario = s, .vantage = vantage, .scope = scope, .kind = MATCH_NEAR};
	const struct expect *main_one = NULL;

	for (size_t i = 0; i < s->nsignatures; i++) {
		const struct signature *g = &s->signatures[i];

		if (!g->nconditions || g->hint != hint)
			continue;
		if (!strstr(g->vantages, vantage)) {
			/* Without what it is mainly known by, the rest says nothing. */
			if (!main_one)
				m.kind = MATCH_NONE;
			continue;
		}
		for (size_t k = 0; k < g->nconditions && m.kind != MATCH_NONE; k++) {
			judge_condition(&g->conditions[k], &m, !main_one);
			main_one = main_one ? main_one : &g->conditions[k];
		}
	}
	if (!m.holds)
		m.kind = MATCH_NONE;
	/* Where a hint has something open, too, there is too little to say. */
	if (m.kind == MATCH_NEAR && !m.fails && !(hint && m.withheld))
		m.kind = hint || m.withheld ? MATCH_HINT : MATCH_FITS;
	else if (m.kind == MATCH_NEAR && hint)
		m.kind = MATCH_NONE;
	if (m.kind != MATCH_NONE)
		m.evidence = evidence_text(main_one, scope);
	return m;
}

static void match_fini(struct scenario_match *m)
{
	free(m->evidence);
	free(m->differs);
	free(m->lacks);
}

/* Orders by what may be said with most right first. */
static int compare_matches(const void *a, const void *b)
{
	const struct scenario_match *x = a, *y = b;

	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	if (x->fails != y->fails)
		return x->fails < y->fails ? -1 : 1;
	if (x->unjudged != y->unjudged)
		return x->unjudged < y->unjudged ? -1 : 1;
	if (x->holds != y->holds)
		return x->holds > y->holds ? -1 : 1;
	return 0;
}

static const char *const vantages[] = {"client_wire", "server_wire"};

/* Keeps *m in *best, if it is the better one. */
static void keep_better(struct scenario_match *best, struct scenario_match *m)
{
	if (m->kind != MATCH_NONE && compare_matches(m, best) < 0) {
		match_fini(best);
		*best = *m;
	} else {
		match_fini(m);
	}
}

/* Returns whether something proves the failure that can be seen on a wire. */
static bool has_proof(const struct scenario *s)
{
	for (size_t i = 0; i < s->nsignatures; i++)
		if (s->signatures[i].nconditions && !s->signatures[i].hint &&
		    strstr(s->signatures[i].vantages, "_wire"))
			return true;
	return false;
}

/* A single capture is judged from every vantage, since nobody knows its own. */
static struct scenario_match judge_scenario(const struct scenario *s, const struct matches *m)
{
	struct scenario_match best = {.kind = MATCH_NONE};
	int kinds = m->pair && has_proof(s) ? 1 : 2;

	for (size_t k = 0; k < ARRAY_LEN(m->scopes); k++)
		for (size_t i = 0; i < m->scopes[k].n; i++)
			for (size_t v = 0; v < ARRAY_LEN(vantages); v++)
				for (int hint = 0; hint < kinds; hint++) {
					struct scenario_match x;

					if (m->pair && v != k)
						continue;
					x = judge_set(s, &m->scopes[k].list[i], vantages[v], hint);
					x.far = k == 1;
					keep_better(&best, &x);
				}
	return best;
}

bool match_is_family(const struct scenario *a, const struct scenario *b)
{
	for (size_t i = 0; i < a->nfamily; i++)
		if (strcmp(a->family[i], b->name) == 0)
			return true;
	return false;
}

/* Returns whether the match says nothing beside a better one of the same connections. */
static bool is_idle(const struct scenario_match *m, const struct scenario_match *better)
{
	if (m->kind == MATCH_FITS)
		return false;
	if (m->kind == MATCH_NEAR)
		return better->kind < m->kind;
	/* Through two captures one service may have two addresses. */
	return better->kind < m->kind &&
	       (m->far != better->far || scopes_overlap(m->scope, better->scope));
}

static void drop_idle(struct matches *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++) {
		bool idle = false;

		for (size_t k = 0; k < kept; k++)
			idle = idle || is_idle(&m->list[i], &m->list[k]);
		if (idle)
			match_fini(&m->list[i]);
		else
			m->list[kept++] = m->list[i];
	}
	m->n = kept;
}

/* Compares with all, once the scopes are made. */
static int compare_with_catalog(const char *dir, metric_known_fn *known, struct matches *m,
				struct err *e)
{
	if (catalog_load(dir, true, known, &m->catalog, e) == -1) {
		matches_fini(m);
		return -1;
	}
	m->list = xcalloc(m->catalog.n + 1, sizeof(*m->list));
	for (size_t i = 0; i < m->catalog.n; i++) {
		struct scenario_match best = judge_scenario(m->catalog.list[i], m);

		if (best.kind != MATCH_NONE)
			m->list[m->n++] = best;
	}
	qsort(m->list, m->n, sizeof(*m->list), compare_matches);
	drop_idle(m);
	return 0;
}

int matches_make(const struct diagnosis *d, const char *dir, metric_known_fn *known,
		 struct matches *m, struct err *e)
{
	*m = (struct matches){.list = NULL};
	scopes_make(d, &m->scopes[0]);
	return compare_with_catalog(dir, known, m, e);
}

int matches_make_pair(const struct diagnosis *near, const struct diagnosis *far, const char *dir,
		      metric_known_fn *known, struct matches *m, struct err *e)
{
	*m = (struct matches){.pair = true};
	scopes_make(near, &m->scopes[0]);
	scopes_make(far, &m->scopes[1]);
	return compare_with_catalog(dir, known, m, e);
}

void matches_fini(struct matches *m)
{
	for (size_t i = 0; i < m->n; i++)
		match_fini(&m->list[i]);
	free(m->list);
	for (size_t i = 0; i < ARRAY_LEN(m->scopes); i++)
		scopes_fini(&m->scopes[i]);
	catalog_fini(&m->catalog);
	*m = (struct matches){.list = NULL};
}

/* grade.c - the order of the questions is that of how much the answer matters. */
#include "scenarios/check/grade.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <math.h>
#include <string.h>

const char *const grade_names[] = {
    "NOT-EXERCISED", "UNDETECTABLE",   "UNAFFECTED",	    "RETRIED-OK", "DETECTED",
    "PARTIAL-LEFT",  "LEAK",	       "TRICKLE-BLIND",	    "HUNG",	  "RETRY-STORM",
    "UNSAFE-RETRY",  "SILENT-NOTHING", "SILENT-TRUNCATION", "INVALID",	  NULL};

_Static_assert(ARRAY_LEN(grade_names) == GRADE_COUNT + 1, "a name for every grade");

/* failures.md 3.4. */
#define STORM_IN_A_SECOND 10
#define STORM_PER_REQUEST 3
#define GROWING		  1.5 /* the last pause to the first one */
#define SHRINKS		  0.8 /* a pause to the one before: jitter, no more */

/* A client whose own limit is 10 s ends a moment later. */
#define GRACE 1.05

char grade_letter(double seconds)
{
	double limit = seconds / GRACE;

	return limit <= 10 ? 'A' : limit <= 60 ? 'B' : limit <= 300 ? 'C' : 'D';
}

static bool pauses_grow(const double *connects, size_t n)
{
	double first = connects[1] - connects[0], last = connects[n - 1] - connects[n - 2];

	for (size_t i = 2; i < n; i++)
		if (connects[i] - connects[i - 1] < SHRINKS * (connects[i - 1] - connects[i - 2]))
			return false;
	return last >= GROWING * first;
}

/* All that can be said of a program that asks again and again by itself. */
static bool has_burst(const double *connects, size_t n, size_t healthy)
{
	size_t most = STORM_IN_A_SECOND * (healthy ? healthy : 1);

	for (size_t i = 0; i + most < n; i++)
		if (connects[i + most] - connects[i] <= 1)
			return true;
	return false;
}

bool grade_is_storm(const double *connects, size_t n, size_t healthy)
{
	return has_burst(connects, n, healthy) ||
	       (n > STORM_PER_REQUEST * (healthy ? healthy : 1) && !pauses_grow(connects, n));
}

bool grade_is_complete(const struct healthy *h, const struct cell_facts *f)
{
	const struct cell_facts *good = &h->facts;

	if (!left_files_have_all(&f->left, &good->left))
		return false;
	if (h->output_known)
		return strcmp(f->sha, good->sha) == 0;
	/* Of an output that differs each time, as much as usual counts as whole. */
	return good->bytes == 0 || f->bytes * 10 >= good->bytes * 9;
}

const char *grade_unexercised(const struct check_plan *plan, const struct hang_point *p,
			      const struct hang_variant *v, const struct cell_facts *healthy)
{
	bool http = check_is_http(plan->protocol);

	if (p->needs & NEED_TLS && plan->protocol != CHECK_HTTPS)
		return "no TLS";
	if (p->needs & NEED_BANNER && !healthy->banner && plan->protocol != CHECK_SSH)
		return "the client speaks first";
	if (!(http ? v->http : v->other))
		return http ? "not of HTTP" : "only of HTTP";
	if ((p->needs & NEED_BUILT_IN || v->server) && (plan->server || plan->outside))
		return "a server of yours says it in its own form";
	if (p->needs & NEED_SECOND_REQUEST && healthy->requests < 2)
		return "no second request on a connection";
	if (p->needs & NEED_EXPECT && !healthy->expects)
		return "no request with Expect: 100-continue";
	if (p->needs & NEED_ANSWER && !healthy->from_server)
		return "the server says nothing";
	if (p->moment == MOMENT_CLIENT_ENDS && plan->ready && !plan->then)
		return "the wire alone doesn't show it: --then does";
	return NULL;
}

static struct graded make_grade(enum grade grade, char letter, double seconds, char *why)
{
	return (struct graded){.grade = grade, .letter = letter, .seconds = seconds, .why = why};
}

/* The caller frees. */
static char *describe_silence(const struct healthy *h, const struct cell_facts *f)
{
	char *file = left_files_differ(&f->left, &h->facts.left), *why;

	why = file ? xasprintf("status 0, and %s", file)
		   : xasprintf("status 0, and %llu bytes instead of %llu",
			       (unsigned long long)f->bytes, (unsigned long long)h->facts.bytes);
	free(file);
	return why;
}

/* It said that all was well. */
static struct graded grade_success(const struct hang_point *p, const struct healthy *h,
				   const struct cell_facts *f, double seconds)
{
	const struct cell_facts *good = &h->facts;
	char letter = grade_letter(f->ended);

	if (grade_is_complete(h, f) && f->nconnects > good->nconnects)
		return make_grade(GRADE_RETRIED_OK, letter, seconds,
				  xasprintf("its answer came by connection %zu", f->nconnects));
	if (grade_is_complete(h, f))
		return make_grade(GRADE_UNAFFECTED, letter, seconds,
				  xstrdup("its answer came all the same"));
	if (p->undetectable)
		return make_grade(GRADE_UNDETECTABLE, '-', seconds, xstrdup(p->undetectable));
	if (f->bytes == 0 && f->left.n == 0)
		return make_grade(GRADE_SILENT_NOTHING, 'F', seconds,
				  xstrdup("status 0, and nothing was printed"));
	return make_grade(GRADE_SILENT_TRUNCATION, 'F', seconds, describe_silence(h, f));
}

static struct graded grade_failure(const struct healthy *h, const struct cell_facts *f,
				   double seconds)
{
	const struct left_file *part = left_files_find_partial(&f->left, &h->facts.left);

	if (part)
		return make_grade(GRADE_PARTIAL_LEFT, 'F', seconds,
				  xasprintf("status %d, and %llu bytes are left as %s", f->status,
					    (unsigned long long)part->size, part->name));
	return make_grade(GRADE_DETECTED, grade_letter(seconds), seconds,
			  xasprintf("status %d%s%s", f->status, *f->last ? ": " : "", f->last));
}

double grade_seconds(const struct cell_facts *f, double at)
{
	return isnan(f->fault_at) ? at : fmax(at - f->fault_at, 0);
}

bool grade_early(const struct healthy *h, const struct cell_facts *f, struct graded *g)
{
	double seconds = f->by_wire ? NAN : grade_seconds(f, f->ended);

	if (!f->acted)
		*g = make_grade(GRADE_NOT_EXERCISED, '-', NAN,
				xstrdup("the command never got there"));
	else if (f->unsafe > h->facts.unsafe)
		*g = make_grade(GRADE_UNSAFE_RETRY, 'F', seconds,
				xasprintf("the server got %zu requests that aren't idempotent "
					  "instead of %zu",
					  f->unsafe, h->facts.unsafe));
	else if (f->by_wire ? has_burst(f->connects, f->nconnects, h->facts.nconnects)
			    : grade_is_storm(f->connects, f->nconnects, h->facts.nconnects))
		*g = make_grade(GRADE_RETRY_STORM, 'F', seconds,
				xasprintf("%zu connections", f->nconnects));
	else
		return false;
	return true;
}

struct graded grade_cell(const struct check_plan *plan, const struct hang_point *p,
			 const struct healthy *h, const struct cell_facts *f)
{
	double seconds = grade_seconds(f, f->ended);
	struct graded g;

	if (grade_early(h, f, &g))
		return g;
	if (f->limited)
		return make_grade(GRADE_HUNG, 'F', NAN,
				  xasprintf("still waiting at %.0f s", clock_seconds(plan->limit)));
	return f->status == 0 ? grade_success(p, h, f, seconds) : grade_failure(h, f, seconds);
}

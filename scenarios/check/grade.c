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

char grade_letter(double seconds)
{
	return seconds <= 10 ? 'A' : seconds <= 60 ? 'B' : seconds <= 300 ? 'C' : 'D';
}

static bool pauses_grow(const double *connects, size_t n)
{
	double first = connects[1] - connects[0], last = connects[n - 1] - connects[n - 2];

	for (size_t i = 2; i < n; i++)
		if (connects[i] - connects[i - 1] < SHRINKS * (connects[i - 1] - connects[i - 2]))
			return false;
	return last >= GROWING * first;
}

bool grade_is_storm(const double *connects, size_t n, size_t healthy)
{
	size_t once = healthy ? healthy : 1;

	for (size_t i = 0; i + STORM_IN_A_SECOND * once < n; i++)
		if (connects[i + STORM_IN_A_SECOND * once] - connects[i] <= 1)
			return true;
	return n > STORM_PER_REQUEST * once && !pauses_grow(connects, n);
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
	if (p->needs & NEED_BANNER && !healthy->banner)
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
	return NULL;
}

static struct graded make_grade(enum grade grade, char letter, double seconds, char *why)
{
	return (struct graded){.grade = grade, .letter = letter, .seconds = seconds, .why = why};
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
	return make_grade(GRADE_SILENT_TRUNCATION, 'F', seconds,
			  xasprintf("status 0, and %llu bytes instead of %llu",
				    (unsigned long long)f->bytes, (unsigned long long)good->bytes));
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

struct graded grade_cell(const struct check_plan *plan, const struct hang_point *p,
			 const struct healthy *h, const struct cell_facts *f)
{
	double seconds = isnan(f->fault_at) ? f->ended : fmax(f->ended - f->fault_at, 0);

	if (!f->acted && isnan(f->fault_at))
		return make_grade(GRADE_NOT_EXERCISED, '-', NAN,
				  xstrdup("the command never got there"));
	if (f->unsafe > h->facts.unsafe)
		return make_grade(GRADE_UNSAFE_RETRY, 'F', seconds,
				  xasprintf("the server got %zu requests that aren't idempotent "
					    "instead of %zu",
					    f->unsafe, h->facts.unsafe));
	if (grade_is_storm(f->connects, f->nconnects, h->facts.nconnects))
		return make_grade(GRADE_RETRY_STORM, 'F', seconds,
				  xasprintf("%zu connections", f->nconnects));
	if (f->limited)
		return make_grade(GRADE_HUNG, 'F', NAN,
				  xasprintf("still waiting at %.0f s", clock_seconds(plan->limit)));
	return f->status == 0 ? grade_success(p, h, f, seconds) : grade_failure(h, f, seconds);
}

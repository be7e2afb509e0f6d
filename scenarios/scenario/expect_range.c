/* expect_range.c - intervals, worked out from the leaves up; one that isn't known is endless. */
#include "scenarios/scenario/expect_range.h"

#include "scenarios/base/stats_tests.h"
#include "scenarios/scenario/expect_functions.h"

#include <math.h>
#include <string.h>

/* Every value that can come out; whole: only whole numbers can. */
struct range {
	double low, high;
	bool whole;
};

static const struct range anything = {-INFINITY, INFINITY, false};

static struct range range_of_number(double v)
{
	return (struct range){v, v, v == floor(v)};
}

static bool is_constant(const struct range *r)
{
	return r->low == r->high;
}

/* Measured times, sizes and counts are not negative; shares, probabilities and correlations have
 * their own limits. A cv, which has no unit but isn't a share, has none above. */
static struct range range_of_metric(const struct metric_ref *ref)
{
	static const char *const shares[] = {"share", "runs_p", "ks_exponential_p"};
	size_t length = strlen(ref->name);
	bool is_cv = length > 3 && strcmp(ref->name + length - 3, "_cv") == 0;

	if (strcmp(ref->stat, "spearman") == 0)
		return (struct range){-1, 1, false};
	for (size_t i = 0; i < ARRAY_LEN(shares); i++)
		if (strcmp(ref->stat, shares[i]) == 0)
			return (struct range){0, 1, false};
	if (!ref->stat[0] && ref->unit == 'r' && !is_cv)
		return (struct range){0, 1, false};
	return (struct range){
	    0, INFINITY, strcmp(ref->stat, "count") == 0 || (!ref->stat[0] && ref->unit == 'n')};
}

/* The range whose ends are the least and the greatest of n values; not a number: anything. */
static struct range range_around(const double *v, size_t n, bool whole)
{
	struct range r = {v[0], v[0], whole};

	for (size_t i = 0; i < n; i++) {
		if (isnan(v[i]))
			return anything;
		r.low = fmin(r.low, v[i]);
		r.high = fmax(r.high, v[i]);
	}
	return r;
}

static struct range multiply_ranges(const struct range *a, const struct range *b)
{
	double corners[] = {a->low * b->low, a->low * b->high, a->high * b->low, a->high * b->high};

	if (a->low >= 0 && b->low >= 0)
		return (struct range){corners[0], isnan(corners[3]) ? 0 : corners[3],
				      a->whole && b->whole};
	return range_around(corners, ARRAY_LEN(corners), a->whole && b->whole);
}

static int divide_ranges(const struct expect_node *n, const struct range *a, const struct range *b,
			 struct range *out, struct err *e)
{
	double corners[] = {a->low / b->low, a->low / b->high, a->high / b->low, a->high / b->high};

	if (b->low == 0 && b->high == 0)
		return err_set(e, "column %zu: a division by 0", n->column);
	if (b->low > 0 || b->high < 0)
		*out = range_around(corners, ARRAY_LEN(corners), false);
	else if (a->low >= 0 && b->low >= 0)
		*out = (struct range){isnan(corners[1]) ? 0 : corners[1], INFINITY, false};
	else
		*out = anything;
	return 0;
}

static struct range range_of_abs(const struct range *a)
{
	double low = a->low > 0 ? a->low : a->high < 0 ? -a->high : 0;

	return (struct range){low, fmax(fabs(a->low), fabs(a->high)), a->whole};
}

/* Refuses constants that no range of chance is of, and works out that of others. */
static int range_of_chance(const struct expect_node *n, const struct range *left,
			   const struct range *right, struct range *out, struct err *e)
{
	const char *name = expect_function_of(n->kind)->name;
	const struct range *count = n->right ? right : left;
	double least = n->right ? 0 : 2;
	struct chance_range ends;

	*out = (struct range){0, INFINITY, n->right != NULL};
	if (n->right && (left->high < 0 || left->low > 1))
		return err_set(e, "column %zu: %s takes a share, from 0%% to 100%%", n->column,
			       name);
	if (count->high < least ||
	    (is_constant(count) && (!count->whole || count->low > CHANCE_COUNT_MAX)))
		return err_set(e, "column %zu: %s takes a count, a whole number from %g to %g",
			       n->column, name, least, (double)CHANCE_COUNT_MAX);
	/* The range of a cv is drawn, which takes its time, and is left to the judge. */
	if (!n->right || !is_constant(left) || !is_constant(count))
		return 0;
	ends = binomial_range(left->low, (uint64_t)count->low);
	*out = range_of_number(n->kind == NODE_BINOMIAL_LOW ? ends.low : ends.high);
	return 0;
}

static struct range add_ranges(const struct range *a, const struct range *b)
{
	return (struct range){a->low + b->low, a->high + b->high, a->whole && b->whole};
}

/* Works out an operation's range from those of its operands. */
static int combine_ranges(const struct expect_node *n, const struct range *left,
			  const struct range *right, struct range *out, struct err *e)
{
	struct range minus = {-right->high, -right->low, right->whole};
	bool whole = left->whole && right->whole;

	switch (n->kind) {
	case NODE_ADD:
		*out = add_ranges(left, right);
		return 0;
	case NODE_SUB:
		*out = add_ranges(left, &minus);
		return 0;
	case NODE_MUL:
		*out = multiply_ranges(left, right);
		return 0;
	case NODE_DIV:
		return divide_ranges(n, left, right, out, e);
	case NODE_MAX:
		*out = (struct range){fmax(left->low, right->low), fmax(left->high, right->high),
				      whole};
		return 0;
	case NODE_MIN:
		*out = (struct range){fmin(left->low, right->low), fmin(left->high, right->high),
				      whole};
		return 0;
	case NODE_ABS:
		*out = range_of_abs(left);
		return 0;
	case NODE_R2:
		*out = (struct range){0, 1, false};
		return 0;
	case NODE_SPEARMAN:
		*out = (struct range){-1, 1, false};
		return 0;
	case NODE_PLATEAU:
	case NODE_AT:
		*out = *left;
		return 0;
	default: /* a slope, an intercept, an end of the sweep */
		*out = anything;
		return 0;
	}
}

static int find_range(const struct expect_node *n, struct range *out, struct err *e)
{
	struct range left = anything, right = anything;
	int rc;

	if (n->left && find_range(n->left, &left, e) == -1)
		return -1;
	if (n->right && find_range(n->right, &right, e) == -1)
		return -1;
	if (n->kind == NODE_NUMBER) {
		*out = range_of_number(n->number);
		return 0;
	}
	if (n->kind == NODE_METRIC) {
		*out = range_of_metric(&n->ref);
		return 0;
	}
	if (n->kind >= NODE_BINOMIAL_LOW && n->kind <= NODE_CV_HIGH)
		rc = range_of_chance(n, &left, &right, out, e);
	else
		rc = combine_ranges(n, &left, &right, out, e);
	if (rc == 0 && is_constant(out))
		*out = range_of_number(out->low);
	return rc;
}

/* Returns whether some value of each side makes a plain comparison true. */
static bool can_hold(enum node_kind kind, const struct range *left, const struct range *right)
{
	switch (kind) {
	case NODE_GE:
		return left->high >= right->low;
	case NODE_LE:
		return left->low <= right->high;
	case NODE_GT:
		return left->high > right->low;
	case NODE_LT:
		return left->low < right->high;
	default: /* NODE_EQ */
		if ((left->whole && is_constant(right) && !right->whole) ||
		    (right->whole && is_constant(left) && !left->whole))
			return false;
		return left->low <= right->high && right->low <= left->high;
	}
}

static int check_between(const struct expect_node *n, const struct range *left,
			 const struct range *low, const struct range *high, struct err *e)
{
	if (low->low > high->high)
		return err_set(e,
			       "column %zu: nothing is between these two, the first is the greater "
			       "one: between LOW and HIGH",
			       n->column);
	if (left->high < low->low || left->low > high->high)
		return err_set(
		    e, "column %zu: this can't hold: no measured value is between these two",
		    n->column);
	return 0;
}

static void note_metric(void *arg, const struct metric_ref *ref)
{
	(void)ref;
	*(bool *)arg = true;
}

int expect_check_range(const struct expect_node *root, struct err *e)
{
	struct range left, right, third = anything;
	bool measures = false;

	expect_node_each_metric(root, note_metric, &measures);
	if (!measures)
		return err_set(e, "column %zu: no metric is compared, so nothing is measured",
			       root->column);
	if (find_range(root->left, &left, e) == -1 || find_range(root->right, &right, e) == -1 ||
	    (root->third && find_range(root->third, &third, e) == -1))
		return -1;
	if (root->kind == NODE_BETWEEN)
		return check_between(root, &left, &right, &third, e);
	if (root->kind == NODE_WITHIN)
		return right.high < 0 ? err_set(e, "column %zu: 'within' takes 0%% or more",
						root->right->column)
				      : 0;
	if (can_hold(root->kind, &left, &right))
		return 0;
	return err_set(e,
		       "column %zu: this can't hold: times, sizes and counts are 0 or more, shares "
		       "0%% to 100%%, correlations -1 to 1, counts whole",
		       root->column);
}

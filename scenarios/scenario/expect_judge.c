/* expect_judge.c - the tree's value from its leaves up; a difference too small for the usual digits
 * is written with all of them. */
#include "scenarios/scenario/expect_judge.h"

#include "proxy/base/mem.h"
#include "scenarios/base/stats_tests.h"
#include "scenarios/scenario/expect_check.h"
#include "scenarios/scenario/expect_functions.h"
#include "scenarios/scenario/expect_node.h"
#include "scenarios/scenario/quantity.h"

#include <math.h>
#include <string.h>

static int measure_metric(const struct expect_node *n, const struct metric_source *src,
			  int sweep_index, double *out, struct err *e)
{
	char text[METRIC_TEXT];

	*out = NAN;
	if (src->value(src->arg, &n->ref, sweep_index, out, e) == -1)
		return -1;
	if (!isfinite(*out))
		return err_set(e, "%s: not measured (no samples)", metric_format(&n->ref, text));
	return 0;
}

/* Computes a function of the points (x, y). */
static int compute_over_sweep(const struct expect_node *n, const double *x, const double *y,
			      size_t count, double *out, struct err *e)
{
	struct line_fit line = fit_line(x, y, count);

	switch (n->kind) {
	case NODE_SPEARMAN:
		*out = rank_correlation(x, y, count);
		return isfinite(*out) ? 0 : err_set(e, "no order: all values are equal");
	case NODE_PLATEAU:
		*out = plateau_mean(x, y, count);
		return isfinite(*out) ? 0
				      : err_set(e, "no plateau: over the last doubling of the "
						   "swept value the metric isn't level");
	case NODE_SLOPE:
		*out = line.slope;
		break;
	case NODE_R2:
		*out = line.r2;
		break;
	default:
		*out = line.intercept;
		break;
	}
	return isfinite(*out) ? 0
			      : err_set(e, "no line fits: two different swept values are needed");
}

/* Measures the metric at all swept values. */
static int evaluate_sweep(const struct expect_node *n, const struct metric_source *src, double *out,
			  struct err *e)
{
	double *y = xcalloc(src->nsweep + 1, sizeof(*y));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < src->nsweep; i++)
		rc = measure_metric(n->left, src, (int)i, &y[i], e);
	if (rc == 0)
		rc = compute_over_sweep(n, src->sweep_values, y, src->nsweep, out, e);
	free(y);
	return rc;
}

static int end_of_sweep(const struct expect_node *n, const struct metric_source *src, double *out,
			struct err *e)
{
	if (src->nsweep == 0)
		return err_set(e, "nothing was swept");
	*out = src->sweep_values[0];
	for (size_t i = 1; i < src->nsweep; i++)
		*out = n->kind == NODE_LARGEST ? fmax(*out, src->sweep_values[i])
					       : fmin(*out, src->sweep_values[i]);
	return 0;
}

static int evaluate_over_sweep(const struct expect_node *n, const struct metric_source *src,
			       double *out, struct err *e)
{
	size_t index;

	if (src->nsweep == 0)
		return err_set(e, "nothing was swept");
	if (n->kind != NODE_AT)
		return evaluate_sweep(n, src, out, e);
	if (expect_swept_index(n, src->sweep_values, src->nsweep, &index, e) == -1)
		return -1;
	return measure_metric(n->left, src, (int)index, out, e);
}

/* Computes an end of a range of chance. */
static int evaluate_chance(const struct expect_node *n, double left, double right, double *out,
			   struct err *e)
{
	const char *name = expect_function_of(n->kind)->name;
	double count = n->right ? right : left;
	struct chance_range range;

	if (count < 0 || count != floor(count) || count > CHANCE_COUNT_MAX)
		return err_set(e, "column %zu: %s takes a count, not %g (measured)", n->column,
			       name, count);
	if (n->right && (left < 0 || left > 1))
		return err_set(e, "column %zu: %s takes a share, not %g (measured)", n->column,
			       name, left);
	range = n->right ? binomial_range(left, (uint64_t)count)
			 : exponential_cv_range((uint64_t)count);
	*out = n->kind == NODE_BINOMIAL_LOW || n->kind == NODE_CV_LOW ? range.low : range.high;
	return isfinite(*out) ? 0
			      : err_set(e, "column %zu: %s of %g waits: at least 2 are needed",
					n->column, name, count);
}

static int evaluate_node(const struct expect_node *n, const struct metric_source *src, double *out,
			 struct err *e)
{
	double left = 0, right = 0;

	if (n->kind >= NODE_SLOPE && n->kind <= NODE_AT)
		return evaluate_over_sweep(n, src, out, e);
	if (n->left && evaluate_node(n->left, src, &left, e) == -1)
		return -1;
	if (n->right && evaluate_node(n->right, src, &right, e) == -1)
		return -1;
	switch (n->kind) {
	case NODE_NUMBER:
		*out = n->number;
		return 0;
	case NODE_METRIC:
		return measure_metric(n, src, -1, out, e);
	case NODE_LARGEST:
	case NODE_SMALLEST:
		return end_of_sweep(n, src, out, e);
	case NODE_ADD:
		*out = left + right;
		return 0;
	case NODE_SUB:
		*out = left - right;
		return 0;
	case NODE_MUL:
		*out = left * right;
		return 0;
	case NODE_DIV:
		if (right == 0)
			return err_set(e, "column %zu: a division by 0 (measured)", n->column);
		*out = left / right;
		return 0;
	case NODE_MAX:
		*out = fmax(left, right);
		return 0;
	case NODE_MIN:
		*out = fmin(left, right);
		return 0;
	case NODE_ABS:
		*out = fabs(left);
		return 0;
	case NODE_BINOMIAL_LOW:
	case NODE_BINOMIAL_HIGH:
	case NODE_CV_LOW:
	case NODE_CV_HIGH:
		return evaluate_chance(n, left, right, out, e);
	default:
		BUG("a comparison inside a sum");
		return -1;
	}
}

static bool compare_values(enum node_kind kind, double left, double right, double third)
{
	switch (kind) {
	case NODE_GE:
		return left >= right;
	case NODE_LE:
		return left <= right;
	case NODE_GT:
		return left > right;
	case NODE_LT:
		return left < right;
	case NODE_EQ:
		return left == right;
	case NODE_BETWEEN:
		return left >= right && left <= third;
	default:
		return fabs(left - third) <= right * fabs(third);
	}
}

typedef char *format_fn(double v, char unit, char buf[QUANTITY_TEXT]);

static void describe_values(enum node_kind kind, char show, double left, double right, double third,
			    format_fn *format, char *out, size_t len)
{
	static const char *const words[] = {
	    [NODE_GE] = "at least ",  [NODE_LE] = "at most ", [NODE_GT] = "more than ",
	    [NODE_LT] = "less than ", [NODE_EQ] = "",
	};
	char l[QUANTITY_TEXT], r[QUANTITY_TEXT], t[QUANTITY_TEXT];

	format(left, show, l);
	if (kind == NODE_BETWEEN)
		snprintf(out, len, "%s (wanted %s to %s)", l, format(right, show, r),
			 format(third, show, t));
	else if (kind == NODE_WITHIN)
		snprintf(out, len, "%s (wanted %s, %s either way)", l, format(third, show, t),
			 quantity_format(right, 'r', r));
	else
		snprintf(out, len, "%s (wanted %s%s)", l, words[kind], format(right, show, r));
}

/* True for two different numbers that round to one text: a failure that the reader couldn't
 * understand. */
static bool looks_equal(double a, double b, char show)
{
	char x[QUANTITY_TEXT], y[QUANTITY_TEXT];

	return a != b && strcmp(quantity_format(a, show, x), quantity_format(b, show, y)) == 0;
}

int expect_judge(const struct expect *x, const struct metric_source *src, bool *ok, char *measured,
		 size_t len, struct err *e)
{
	const struct expect_node *n = x->root;
	double left, right, third = 0;
	struct dimension d;
	format_fn *format = quantity_format;

	if (expect_dimension(n, &d, e) == -1 || evaluate_node(n->left, src, &left, e) == -1 ||
	    evaluate_node(n->right, src, &right, e) == -1)
		return -1;
	if (n->third && evaluate_node(n->third, src, &third, e) == -1)
		return -1;
	*ok = compare_values(n->kind, left, right, third);
	if (!*ok && n->kind != NODE_WITHIN &&
	    (looks_equal(left, right, d.show) ||
	     (n->kind == NODE_BETWEEN && looks_equal(left, third, d.show))))
		format = quantity_format_exact;
	describe_values(n->kind, d.show, left, right, third, format, measured, len);
	return 0;
}

/* expect_check.c - dimensions are powers of seconds and bytes, worked out from the leaves up. */
#include "scenarios/scenario/expect_check.h"

#include "scenarios/scenario/expect_functions.h"
#include "scenarios/scenario/expect_range.h"

#include <math.h>
#include <string.h>

static const char *dimension_name(const struct dimension *d)
{
	if (d->seconds == 1 && d->bytes == 0)
		return "a time";
	if (d->seconds == 0 && d->bytes == 1)
		return "a size";
	if (d->seconds == -1 && d->bytes == 1)
		return "a rate";
	if (d->seconds == 0 && d->bytes == 0)
		return "a bare number";
	return "a product of times and sizes";
}

/* Gives two values that must be alike their common dimension. */
static int match_dimensions(const struct expect_node *n, const struct dimension *a,
			    const struct dimension *b, struct dimension *out, struct err *e)
{
	*out = a->any ? *b : *a;
	if (a->any || b->any || (a->seconds == b->seconds && a->bytes == b->bytes))
		return 0;
	return err_set(e,
		       "column %zu: %s meets %s; a number's unit belongs behind it (195ms, 180B)",
		       n->column, dimension_name(a), dimension_name(b));
}

static struct dimension dimension_of_unit(char unit)
{
	struct dimension d = {.show = unit, .any = unit == 0};

	if (unit == 's')
		d.seconds = 1;
	else if (unit == 'b')
		d.bytes = 1;
	else if (unit == 'R')
		d = (struct dimension){.seconds = -1, .bytes = 1, .show = 'R'};
	return d;
}

static char unit_of_dimension(const struct dimension *d, bool quotient)
{
	if (d->seconds == 1 && d->bytes == 0)
		return 's';
	if (d->seconds == 0 && d->bytes == 1)
		return 'b';
	if (d->seconds == -1 && d->bytes == 1)
		return 'R';
	return quotient ? 'x' : 'n';
}

/* A quotient is a product with the powers of its second operand turned round. */
static struct dimension combine_dimensions(const struct dimension *a, const struct dimension *b,
					   bool quotient)
{
	int sign = quotient ? -1 : 1;
	struct dimension d = {
	    .seconds = a->seconds + sign * b->seconds,
	    .bytes = a->bytes + sign * b->bytes,
	    .any = a->any || b->any,
	};

	d.show = unit_of_dimension(&d, quotient);
	return d;
}

static bool is_bare(const struct dimension *d)
{
	return d->any || (d->seconds == 0 && d->bytes == 0);
}

/* The ranges of chance are of counts; binomial_low(50%, COUNT) takes a share, too. */
static int dimension_of_chance(const struct expect_node *n, const struct dimension *left,
			       const struct dimension *right, struct dimension *out, struct err *e)
{
	const char *name = expect_function_of(n->kind)->name;

	*out = (struct dimension){.show = n->right ? 'n' : 'r'};
	if (is_bare(left) && is_bare(right))
		return 0;
	return err_set(e, "column %zu: %s takes %s, no times or sizes", n->column, name,
		       n->right ? "a share and a count" : "a count");
}

int expect_dimension(const struct expect_node *n, struct dimension *out, struct err *e)
{
	struct dimension left = {.show = 'n'}, right = {.show = 'n'}, third;

	if (n->left && expect_dimension(n->left, &left, e) == -1)
		return -1;
	if (n->right && expect_dimension(n->right, &right, e) == -1)
		return -1;
	switch (n->kind) {
	case NODE_NUMBER:
		*out = dimension_of_unit(n->unit);
		return 0;
	case NODE_METRIC:
		*out = dimension_of_unit(n->ref.unit);
		return 0;
	case NODE_BINOMIAL_LOW:
	case NODE_BINOMIAL_HIGH:
	case NODE_CV_LOW:
	case NODE_CV_HIGH:
		return dimension_of_chance(n, &left, &right, out, e);
	case NODE_LARGEST:
	case NODE_SMALLEST:
	case NODE_R2:
	case NODE_SPEARMAN:
		*out = (struct dimension){.show = 'n'};
		return 0;
	case NODE_MUL:
	case NODE_DIV:
		*out = combine_dimensions(&left, &right, n->kind == NODE_DIV);
		return 0;
	case NODE_ABS:
	case NODE_SLOPE:
	case NODE_INTERCEPT:
	case NODE_PLATEAU:
	case NODE_AT:
		*out = left;
		return 0;
	case NODE_WITHIN:
		if (expect_dimension(n->third, &third, e) == -1 ||
		    match_dimensions(n, &right, &(struct dimension){.show = 'n'}, out, e) == -1)
			return -1;
		return match_dimensions(n, &left, &third, out, e);
	case NODE_BETWEEN:
		if (expect_dimension(n->third, &third, e) == -1 ||
		    match_dimensions(n, &left, &third, out, e) == -1)
			return -1;
		break;
	default:
		break;
	}
	return match_dimensions(n, &left, &right, out, e);
}

static int ask_metrics(struct expect_node *n, metric_known_fn *known, void *arg, struct err *e)
{
	if (!n)
		return 0;
	if (n->kind == NODE_METRIC) {
		int unit = known(arg, &n->ref, e);

		if (unit == -1)
			return err_wrap(e, "column %zu", n->column);
		n->ref.unit = (char)unit;
	}
	if (ask_metrics(n->left, known, arg, e) == -1 || ask_metrics(n->right, known, arg, e) == -1)
		return -1;
	return ask_metrics(n->third, known, arg, e);
}

int expect_resolve(struct expect_node *root, metric_known_fn *known_metric, void *arg,
		   struct err *e)
{
	struct dimension d;

	if (known_metric && ask_metrics(root, known_metric, arg, e) == -1)
		return -1;
	return expect_dimension(root, &d, e) == -1 ? -1 : expect_check_range(root, e);
}

/* Computes at()'s second operand, which only numbers and the sweep's ends may make up. */
static int evaluate_constant(const struct expect_node *n, const double *values, size_t count,
			     double *out, struct err *e)
{
	double left = 0, right = 0;

	if (n->left && evaluate_constant(n->left, values, count, &left, e) == -1)
		return -1;
	if (n->right && evaluate_constant(n->right, values, count, &right, e) == -1)
		return -1;
	*out = n->number;
	switch (n->kind) {
	case NODE_NUMBER:
		return 0;
	case NODE_LARGEST:
	case NODE_SMALLEST:
		*out = values[0];
		for (size_t i = 1; i < count; i++)
			*out =
			    n->kind == NODE_LARGEST ? fmax(*out, values[i]) : fmin(*out, values[i]);
		return 0;
	case NODE_MUL:
		*out = left * right;
		return 0;
	case NODE_DIV:
		*out = left / right;
		return 0;
	default:
		return err_set(e,
			       "column %zu: at(metric, value) takes a swept value, 'largest' or "
			       "'smallest'",
			       n->column);
	}
}

int expect_swept_index(const struct expect_node *at, const double *values, size_t n, size_t *index,
		       struct err *e)
{
	char list[200] = "";
	double wanted;

	if (evaluate_constant(at->right, values, n, &wanted, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t used = strlen(list);

		*index = i;
		if (values[i] == wanted)
			return 0;
		snprintf(list + used, sizeof(list) - used, "%s%g", i ? ", " : "", values[i]);
	}
	return err_set(e, "column %zu: %g is not swept; the swept values are %s", at->right->column,
		       wanted, list);
}

static size_t count_different(const double *values, size_t count)
{
	size_t different = 0;

	for (size_t i = 0; i < count; i++) {
		size_t before = 0;

		while (before < i && values[before] != values[i])
			before++;
		different += before == i;
	}
	return different;
}

static bool span_doubling(const double *values, size_t count)
{
	double low = values[0], high = values[0];

	for (size_t i = 1; i < count; i++) {
		low = fmin(low, values[i]);
		high = fmax(high, values[i]);
	}
	return low > 0 && high >= 2 * low;
}

/* Checks a function of all swept points. */
static int check_sweep_function(const struct expect_node *n, const char *name, const double *values,
				size_t count, struct err *e)
{
	size_t index;

	if (count == 0)
		return err_set(e, "column %zu: %s needs a sweep, and the scenario has none",
			       n->column, name);
	if (n->kind == NODE_AT)
		return expect_swept_index(n, values, count, &index, e);
	if (n->kind == NODE_SPEARMAN && count_different(values, count) < 3)
		return err_set(e,
			       "column %zu: spearman needs at least 3 different swept values: two "
			       "points always rise or fall",
			       n->column);
	if (n->kind == NODE_PLATEAU && !span_doubling(values, count))
		return err_set(e,
			       "column %zu: plateau needs swept values above 0, the largest at "
			       "least twice the smallest",
			       n->column);
	return 0;
}

static int check_sweep(const struct expect_node *n, const double *values, size_t count,
		       struct err *e)
{
	const struct expect_function *f;

	if (!n)
		return 0;
	f = expect_function_of(n->kind);
	if (f && f->over_sweep)
		return check_sweep_function(n, f->name, values, count, e);
	if (check_sweep(n->left, values, count, e) == -1 ||
	    check_sweep(n->right, values, count, e) == -1)
		return -1;
	return check_sweep(n->third, values, count, e);
}

int expect_check_sweep(const struct expect *x, const double *values, size_t n, struct err *e)
{
	return check_sweep(x->root, values, n, e);
}

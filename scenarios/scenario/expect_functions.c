/* expect_functions.c - the table of functions. */
#include "scenarios/scenario/expect_functions.h"

#include "proxy/base/nearest.h"

#include <string.h>

const struct expect_function expect_functions[] = {
    {"max", NODE_MAX, TAKES_TWO_SUMS, false},
    {"min", NODE_MIN, TAKES_TWO_SUMS, false},
    {"abs", NODE_ABS, TAKES_SUM, false},
    {"binomial_low", NODE_BINOMIAL_LOW, TAKES_TWO_SUMS, false},
    {"binomial_high", NODE_BINOMIAL_HIGH, TAKES_TWO_SUMS, false},
    {"exponential_cv_low", NODE_CV_LOW, TAKES_SUM, false},
    {"exponential_cv_high", NODE_CV_HIGH, TAKES_SUM, false},
    {"slope", NODE_SLOPE, TAKES_METRIC, true},
    {"r2", NODE_R2, TAKES_METRIC, true},
    {"intercept", NODE_INTERCEPT, TAKES_METRIC, true},
    {"spearman", NODE_SPEARMAN, TAKES_METRIC, true},
    {"plateau", NODE_PLATEAU, TAKES_METRIC, true},
    {"at", NODE_AT, TAKES_METRIC_AND_SUM, true},
    {"largest", NODE_LARGEST, TAKES_NOTHING, true},
    {"smallest", NODE_SMALLEST, TAKES_NOTHING, true},
    {.name = NULL},
};

const struct expect_function *expect_function_find(const char *word, size_t len)
{
	for (const struct expect_function *f = expect_functions; f->name; f++)
		if (strlen(f->name) == len && memcmp(word, f->name, len) == 0)
			return f;
	return NULL;
}

const struct expect_function *expect_function_of(enum node_kind kind)
{
	for (const struct expect_function *f = expect_functions; f->name; f++)
		if (f->kind == kind)
			return f;
	return NULL;
}

const char *expect_function_nearest(const char *word)
{
	const char *names[sizeof(expect_functions) / sizeof(expect_functions[0])];
	size_t n = 0;

	for (const struct expect_function *f = expect_functions; f->name; f++)
		names[n++] = f->name;
	names[n] = NULL;
	return nearest_name(word, names);
}

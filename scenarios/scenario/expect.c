/* expect.c - an expectation's texts and its tree. */
#include "scenarios/scenario/expect.h"

#include "scenarios/scenario/expect_node.h"

#include <stdlib.h>

void expect_free(struct expect *x)
{
	free(x->text);
	free(x->documented);
	free(x->where);
	expect_node_free(x->root);
	*x = (struct expect){.text = NULL};
}

void expect_each_metric(const struct expect *x, void (*fn)(void *arg, const struct metric_ref *),
			void *arg)
{
	expect_node_each_metric(x->root, fn, arg);
}

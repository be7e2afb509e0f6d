/* expect_node.c - making, freeing and walking the tree. */
#include "scenarios/scenario/expect_node.h"

#include "proxy/base/mem.h"

struct expect_node *expect_node_new(enum node_kind kind, size_t column)
{
	struct expect_node *n = xcalloc(1, sizeof(*n));

	n->kind = kind;
	n->column = column;
	return n;
}

void expect_node_free(struct expect_node *n)
{
	if (!n)
		return;
	expect_node_free(n->left);
	expect_node_free(n->right);
	expect_node_free(n->third);
	free(n);
}

void expect_node_each_metric(const struct expect_node *n,
			     void (*fn)(void *arg, const struct metric_ref *), void *arg)
{
	if (!n)
		return;
	if (n->kind == NODE_METRIC)
		fn(arg, &n->ref);
	expect_node_each_metric(n->left, fn, arg);
	expect_node_each_metric(n->right, fn, arg);
	expect_node_each_metric(n->third, fn, arg);
}

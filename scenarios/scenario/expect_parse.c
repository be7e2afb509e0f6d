/* expect_parse.c - the text of an expectation becomes a tree; every refusal names its column. */
#include "scenarios/scenario/expect_node.h"

#include "proxy/base/mem.h"
#include "scenarios/scenario/expect_scan.h"

#include <ctype.h>
#include <string.h>

#define TEXT_MAX  1000
#define DEPTH_MAX 32

static struct expect_node *sum(struct scan *p);

static struct expect_node *node_new(const struct scan *p, enum node_kind kind)
{
	struct expect_node *n = xcalloc(1, sizeof(*n));

	n->kind = kind;
	n->column = scan_column(p);
	return n;
}

static void node_free(struct expect_node *n)
{
	if (!n)
		return;
	node_free(n->left);
	node_free(n->right);
	node_free(n->third);
	free(n);
}

/* n with its operands, or NULL with everything freed when one of them failed. */
static struct expect_node *join(struct expect_node *n, struct expect_node *left,
				struct expect_node *right)
{
	n->left = left;
	n->right = right;
	if (left && right)
		return n;
	node_free(n);
	return NULL;
}

static struct expect_node *literal(struct scan *p)
{
	struct expect_node *n = node_new(p, NODE_NUMBER);

	if (scan_number(p, &n->number, &n->unit))
		return n;
	node_free(n);
	return NULL;
}

static struct expect_node *metric(struct scan *p)
{
	struct expect_node *n = node_new(p, NODE_METRIC);

	scan_space(p);
	n->column = scan_column(p);
	if (scan_metric(p, &n->ref))
		return n;
	node_free(n);
	return NULL;
}

static const struct {
	const char *name;
	enum node_kind kind;
} functions[] = {
    {"max", NODE_MAX},
    {"min", NODE_MIN},
    {"abs", NODE_ABS},
    {"slope", NODE_SLOPE},
    {"r2", NODE_R2},
    {"at", NODE_AT},
    {"intercept", NODE_INTERCEPT},
    {"largest", NODE_LARGEST},
    {"smallest", NODE_SMALLEST},
};

static struct expect_node *arguments(struct scan *p, struct expect_node *n)
{
	bool of_metric = n->kind >= NODE_SLOPE;
	bool two = n->kind == NODE_MAX || n->kind == NODE_MIN || n->kind == NODE_AT;

	if (!scan_want(p, "("))
		goto bad;
	n->left = of_metric ? metric(p) : sum(p);
	if (!n->left)
		goto bad;
	if (two) {
		if (!scan_want(p, ","))
			goto bad;
		n->right = sum(p);
		if (!n->right)
			goto bad;
	}
	if (scan_want(p, ")"))
		return n;
bad:
	node_free(n);
	return NULL;
}

static struct expect_node *factor(struct scan *p)
{
	size_t length;

	scan_space(p);
	if (isdigit((unsigned char)*p->at))
		return literal(p);
	if (*p->at == '(') {
		struct expect_node *n;

		p->at++;
		n = sum(p);
		if (n && !scan_want(p, ")")) {
			node_free(n);
			n = NULL;
		}
		return n;
	}
	length = scan_word_length(p->at);
	for (size_t i = 0; length > 0 && i < ARRAY_LEN(functions); i++) {
		struct expect_node *n;

		if (p->at[length] == '.' || strlen(functions[i].name) != length ||
		    memcmp(p->at, functions[i].name, length) != 0)
			continue;
		n = node_new(p, functions[i].kind);
		p->at += length;
		return n->kind == NODE_LARGEST || n->kind == NODE_SMALLEST ? n : arguments(p, n);
	}
	if (length > 0)
		return metric(p);
	if (*p->at) {
		scan_fail(p, "a number, a metric, a function or '(' is expected instead of '%.12s'",
			  p->at);
		return NULL;
	}
	scan_fail(p, "a number, a metric, a function or '(' is expected, the text ends here");
	return NULL;
}

static struct expect_node *product(struct scan *p)
{
	struct expect_node *left = factor(p);

	while (left) {
		scan_space(p);
		if (*p->at != '*' && *p->at != '/')
			break;

		struct expect_node *n = node_new(p, *p->at == '*' ? NODE_MUL : NODE_DIV);

		p->at++;
		left = join(n, left, factor(p));
	}
	return left;
}

static struct expect_node *sum(struct scan *p)
{
	struct expect_node *left;

	if (++p->depth > DEPTH_MAX) {
		scan_fail(p, "nested deeper than %d levels", DEPTH_MAX);
		return NULL;
	}
	left = product(p);
	while (left) {
		scan_space(p);
		if (*p->at != '+' && *p->at != '-')
			break;

		struct expect_node *n = node_new(p, *p->at == '+' ? NODE_ADD : NODE_SUB);

		p->at++;
		left = join(n, left, product(p));
	}
	p->depth--;
	return left;
}

/* "left between A and B", "left within P of B": both have two operands behind a word. */
static struct expect_node *range(struct scan *p, struct expect_node *left, enum node_kind kind)
{
	const char *joint = kind == NODE_BETWEEN ? "and" : "of";
	struct expect_node *n = node_new(p, kind);

	n->left = left;
	n->right = sum(p);
	if (!n->right)
		goto bad;
	if (!scan_word(p, joint)) {
		scan_fail(p, "'%s' is expected%s", joint,
			  kind == NODE_BETWEEN ? ": between LOW and HIGH"
					       : ": within PERCENT of VALUE");
		goto bad;
	}
	n->third = sum(p);
	if (n->third)
		return n;
bad:
	node_free(n);
	return NULL;
}

static struct expect_node *comparison(struct scan *p)
{
	static const struct {
		const char *token;
		enum node_kind kind;
	} operators[] = {
	    {">=", NODE_GE}, {"<=", NODE_LE}, {"==", NODE_EQ}, {">", NODE_GT}, {"<", NODE_LT}};
	struct expect_node *left = sum(p);

	if (!left)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (scan_token(p, operators[i].token)) {
			struct expect_node *n = node_new(p, operators[i].kind);

			return join(n, left, sum(p));
		}
	if (scan_word(p, "between"))
		return range(p, left, NODE_BETWEEN);
	if (scan_word(p, "within"))
		return range(p, left, NODE_WITHIN);
	node_free(left);
	scan_fail(p,
		  "a comparison is expected: >= <= > < ==, 'between A and B' or 'within P of B'");
	return NULL;
}

int expect_parse(const char *text, struct expect *out, metric_known_fn *known_metric, void *arg,
		 struct err *e)
{
	struct scan p = {.text = text, .at = text, .e = e};
	struct expect x = {.text = NULL};

	if (strlen(text) > TEXT_MAX)
		return err_set(e, "an expectation has at most %d characters", TEXT_MAX);
	x.root = comparison(&p);
	if (!x.root)
		return -1;
	scan_space(&p);
	if (*p.at) {
		scan_fail(&p, "the comparison is complete before '%.20s'", p.at);
		node_free(x.root);
		return -1;
	}
	x.text = xstrdup(text);
	if (expect_resolve(x.root, known_metric, arg, e) == -1) {
		expect_free(&x);
		return -1;
	}
	*out = x;
	return 0;
}

int metric_ref_parse(const char *text, struct metric_ref *out, struct err *e)
{
	struct scan p = {.text = text, .at = text, .e = e};
	struct metric_ref ref = {.unit = 0};

	if (!scan_metric_at_vantage(&p, &ref))
		return -1;
	if (*p.at) {
		scan_fail(&p, "the metric is complete before '%.20s'", p.at);
		return -1;
	}
	*out = ref;
	return 0;
}

void expect_free(struct expect *x)
{
	free(x->text);
	free(x->documented);
	free(x->where);
	node_free(x->root);
	*x = (struct expect){.text = NULL};
}

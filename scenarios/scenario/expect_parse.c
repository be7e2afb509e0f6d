/* expect_parse.c - recursive descent, a function for each level of the grammar. */
#include "scenarios/scenario/expect_parse.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "scenarios/scenario/expect_check.h"
#include "scenarios/scenario/expect_functions.h"
#include "scenarios/scenario/expect_node.h"
#include "scenarios/scenario/metric_scan.h"

#include <ctype.h>
#include <string.h>

#define TEXT_MAX  1000
#define DEPTH_MAX 32

static struct expect_node *parse_sum(struct scan *p);

/* n with its operands, or NULL with everything freed when one of them failed. */
static struct expect_node *join_operands(struct expect_node *n, struct expect_node *left,
					 struct expect_node *right)
{
	n->left = left;
	n->right = right;
	if (left && right)
		return n;
	expect_node_free(n);
	return NULL;
}

static struct expect_node *parse_number(struct scan *p)
{
	struct expect_node *n = expect_node_new(NODE_NUMBER, scan_column(p));

	if (scan_number(p, &n->number, &n->unit))
		return n;
	expect_node_free(n);
	return NULL;
}

static struct expect_node *parse_metric(struct scan *p)
{
	struct expect_node *n = expect_node_new(NODE_METRIC, scan_column(p));

	scan_space(p);
	n->column = scan_column(p);
	if (p->of_capture ? metric_scan_figure(p, &n->ref) : metric_scan(p, &n->ref))
		return n;
	expect_node_free(n);
	return NULL;
}

/* The operands of a function, whose name has been taken. */
static struct expect_node *parse_arguments(struct scan *p, const struct expect_function *f,
					   struct expect_node *n)
{
	bool of_metric = f->takes == TAKES_METRIC || f->takes == TAKES_METRIC_AND_SUM;
	bool two = f->takes == TAKES_TWO_SUMS || f->takes == TAKES_METRIC_AND_SUM;

	if (!scan_want(p, "("))
		goto bad;
	n->left = of_metric ? parse_metric(p) : parse_sum(p);
	if (!n->left)
		goto bad;
	if (two) {
		if (!scan_want(p, ","))
			goto bad;
		n->right = parse_sum(p);
		if (!n->right)
			goto bad;
	}
	if (scan_want(p, ")"))
		return n;
bad:
	expect_node_free(n);
	return NULL;
}

static struct expect_node *parse_function(struct scan *p, const struct expect_function *f)
{
	struct expect_node *n = expect_node_new(f->kind, scan_column(p));

	p->at += strlen(f->name);
	return f->takes == TAKES_NOTHING ? n : parse_arguments(p, f, n);
}

/* Refuses a word before a parenthesis that is no function. */
static struct expect_node *refuse_function(struct scan *p, size_t length)
{
	char word[64];
	char hint[NEAREST_HINT];
	const char *near;

	snprintf(word, sizeof(word), "%.*s", (int)(length < 60 ? length : 60), p->at);
	near = expect_function_nearest(word);
	if (metric_is_stat(word))
		scan_fail(p, "'%s' is a statistic: it stands behind a metric's name, METRIC.%s",
			  word, word);
	else
		scan_fail(p, "there is no function '%s'%s", word, nearest_hint(hint, near));
	return NULL;
}

static struct expect_node *parse_parentheses(struct scan *p)
{
	struct expect_node *n;

	p->at++;
	n = parse_sum(p);
	if (n && !scan_want(p, ")")) {
		expect_node_free(n);
		n = NULL;
	}
	return n;
}

static struct expect_node *parse_word(struct scan *p, size_t length)
{
	const struct expect_function *f = expect_function_find(p->at, length);

	if (f && p->at[length] != '.' && p->at[length] != ':')
		return parse_function(p, f);
	if (p->at[length] == '(')
		return refuse_function(p, length);
	return parse_metric(p);
}

static struct expect_node *parse_factor(struct scan *p);

/* "-0.2", "-1ms" or "-(SUM)"; minus a metric is 0 - METRIC. */
static struct expect_node *parse_negative(struct scan *p)
{
	struct expect_node *n = expect_node_new(NODE_SUB, scan_column(p)), *of = NULL;

	p->at++;
	scan_space(p);
	if (*p->at == '-')
		scan_fail(p, "a number, a metric, a function or '(' is expected behind a minus");
	else
		of = parse_factor(p);
	if (of && of->kind == NODE_NUMBER) {
		of->number = -of->number;
		expect_node_free(n);
		return of;
	}
	return join_operands(n, expect_node_new(NODE_NUMBER, n->column), of);
}

static struct expect_node *parse_factor(struct scan *p)
{
	size_t length;

	scan_space(p);
	if (*p->at == '-')
		return parse_negative(p);
	if (isdigit((unsigned char)*p->at))
		return parse_number(p);
	if (*p->at == '(')
		return parse_parentheses(p);
	length = scan_word_length(p->at);
	if (length > 0)
		return parse_word(p, length);
	if (*p->at) {
		scan_fail(p, "a number, a metric, a function or '(' is expected instead of '%.12s'",
			  p->at);
		return NULL;
	}
	scan_fail(p, "a number, a metric, a function or '(' is expected, the text ends here");
	return NULL;
}

static struct expect_node *parse_product(struct scan *p)
{
	struct expect_node *left = parse_factor(p);

	while (left) {
		scan_space(p);
		if (*p->at != '*' && *p->at != '/')
			break;

		struct expect_node *n =
		    expect_node_new(*p->at == '*' ? NODE_MUL : NODE_DIV, scan_column(p));

		p->at++;
		left = join_operands(n, left, parse_factor(p));
	}
	return left;
}

static struct expect_node *parse_sum(struct scan *p)
{
	struct expect_node *left;

	if (++p->depth > DEPTH_MAX) {
		scan_fail(p, "nested deeper than %d levels", DEPTH_MAX);
		return NULL;
	}
	left = parse_product(p);
	while (left) {
		scan_space(p);
		if (*p->at != '+' && *p->at != '-')
			break;

		struct expect_node *n =
		    expect_node_new(*p->at == '+' ? NODE_ADD : NODE_SUB, scan_column(p));

		p->at++;
		left = join_operands(n, left, parse_product(p));
	}
	p->depth--;
	return left;
}

/* "left between A and B", "left within P of B": both have two operands behind a word. */
static struct expect_node *parse_range(struct scan *p, struct expect_node *left,
				       enum node_kind kind)
{
	const char *joint = kind == NODE_BETWEEN ? "and" : "of";
	struct expect_node *n = expect_node_new(kind, scan_column(p));

	n->left = left;
	n->right = parse_sum(p);
	if (!n->right)
		goto bad;
	if (kind == NODE_WITHIN && n->right->kind == NODE_NUMBER && n->right->unit == 'n') {
		scan_fail(p, "'within' takes a PERCENT, %g%%: a bare %g would be %g%%",
			  n->right->number, n->right->number, 100 * n->right->number);
		goto bad;
	}
	if (!scan_word(p, joint)) {
		scan_fail(p, "'%s' is expected%s", joint,
			  kind == NODE_BETWEEN ? ": between LOW and HIGH"
					       : ": within PERCENT of VALUE");
		goto bad;
	}
	n->third = parse_sum(p);
	if (n->third)
		return n;
bad:
	expect_node_free(n);
	return NULL;
}

static struct expect_node *parse_comparison(struct scan *p)
{
	static const struct {
		const char *token;
		enum node_kind kind;
	} operators[] = {
	    {">=", NODE_GE}, {"<=", NODE_LE}, {"==", NODE_EQ}, {">", NODE_GT}, {"<", NODE_LT}};
	struct expect_node *left = parse_sum(p);

	if (!left)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (scan_token(p, operators[i].token)) {
			struct expect_node *n = expect_node_new(operators[i].kind, scan_column(p));

			return join_operands(n, left, parse_sum(p));
		}
	if (scan_word(p, "between"))
		return parse_range(p, left, NODE_BETWEEN);
	if (scan_word(p, "within"))
		return parse_range(p, left, NODE_WITHIN);
	expect_node_free(left);
	scan_fail(p,
		  "a comparison is expected: >= <= > < ==, 'between A and B' or 'within P of B'");
	return NULL;
}

static int parse_text(const char *text, bool of_capture, struct expect *out,
		      metric_known_fn *known_metric, void *arg, struct err *e)
{
	struct scan p = {.text = text, .at = text, .of_capture = of_capture, .e = e};
	struct expect x = {.text = NULL};

	if (strlen(text) > TEXT_MAX)
		return err_set(e, "an expectation has at most %d characters", TEXT_MAX);
	x.root = parse_comparison(&p);
	if (!x.root)
		return -1;
	scan_space(&p);
	if (*p.at) {
		scan_fail(&p, "the comparison is complete before '%.20s'", p.at);
		expect_node_free(x.root);
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

int expect_parse(const char *text, struct expect *out, metric_known_fn *known_metric, void *arg,
		 struct err *e)
{
	return parse_text(text, false, out, known_metric, arg, e);
}

int expect_parse_condition(const char *text, struct expect *out, metric_known_fn *known_metric,
			   void *arg, struct err *e)
{
	if (parse_text(text, true, out, known_metric, arg, e) == -1)
		return -1;
	if (expect_check_sweep(out, NULL, 0, e) == 0)
		return 0;
	expect_free(out);
	return -1;
}

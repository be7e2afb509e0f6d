/* expect_parse.c - the text of an expectation becomes a tree; every refusal names its column. */
#include "scenarios/spec/expect_node.h"

#include "proxy/base/mem.h"
#include "proxy/base/param.h"
#include "proxy/base/units.h"
#include "scenarios/spec/metric.h"
#include "scenarios/spec/quantity.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#define TEXT_MAX  1000
#define DEPTH_MAX 32

struct parser {
	const char *text, *at;
	unsigned depth;
	struct err *e;
};

static struct expect_node *sum(struct parser *p);

static size_t column(const struct parser *p)
{
	return (size_t)(p->at - p->text) + 1;
}

WG_PRINTF(2, 3) static struct expect_node *fail(struct parser *p, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_set(p->e, "column %zu: %s", column(p), what);
	return NULL;
}

static void skip_space(struct parser *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
}

static bool take(struct parser *p, const char *token)
{
	size_t n = strlen(token);

	skip_space(p);
	if (strncmp(p->at, token, n) != 0)
		return false;
	p->at += n;
	return true;
}

static size_t word_length(const char *at)
{
	size_t n = 0;

	if (!isalpha((unsigned char)at[0]) && at[0] != '_')
		return 0;
	while (isalnum((unsigned char)at[n]) || at[n] == '_')
		n++;
	return n;
}

static bool take_word(struct parser *p, const char *word)
{
	size_t n = strlen(word);

	skip_space(p);
	if (word_length(p->at) != n || memcmp(p->at, word, n) != 0)
		return false;
	p->at += n;
	return true;
}

static bool want(struct parser *p, const char *token)
{
	if (take(p, token))
		return true;
	if (*p->at)
		fail(p, "'%s' is expected instead of '%.12s'", token, p->at);
	else
		fail(p, "'%s' is expected, the text ends here", token);
	return false;
}

static struct expect_node *node_new(const struct parser *p, enum node_kind kind)
{
	struct expect_node *n = xcalloc(1, sizeof(*n));

	n->kind = kind;
	n->column = column(p);
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

static struct expect_node *number(struct parser *p)
{
	struct expect_node *n;
	const char *end;
	struct err why;
	double v;

	if (parse_quantity(p->at, &v, &end, &why) == -1)
		return fail(p, "%s", why.text);
	n = node_new(p, NODE_NUMBER);
	n->number = v;
	n->unit = quantity_unit(p->at, (size_t)(end - p->at));
	p->at = end;
	return n;
}

/* One word of a dotted name into a field of the reference. */
static bool copy_word(struct parser *p, char *field, size_t size, const char *what)
{
	size_t n = word_length(p->at);

	if (n == 0) {
		fail(p, "a %s is expected", what);
		return false;
	}
	if (n >= size) {
		fail(p, "a %s has at most %zu characters", what, size - 1);
		return false;
	}
	memcpy(field, p->at, n);
	field[n] = '\0';
	p->at += n;
	return true;
}

static bool share_bounds(struct parser *p, struct metric_ref *ref)
{
	double *bounds[] = {&ref->low, &ref->high};

	if (!want(p, "("))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
		struct expect_node *n;

		skip_space(p);
		n = number(p);
		if (!n)
			return false;
		*bounds[i] = n->number;
		node_free(n);
		if (!want(p, i == 0 ? "," : ")"))
			return false;
	}
	if (ref->low > ref->high) {
		fail(p, "share(LOW,HIGH) is expected with LOW not above HIGH");
		return false;
	}
	return true;
}

/* [TRAFFIC.]NAME[.STAT]: two words are NAME.STAT when the second is a statistic. */
static bool metric_tail(struct parser *p, struct metric_ref *ref)
{
	char words[3][40];
	size_t n = 0, name;

	for (;;) {
		if (!copy_word(p, words[n], sizeof(words[n]), "metric's name"))
			return false;
		n++;
		if (*p->at != '.')
			break;
		if (n == ARRAY_LEN(words)) {
			fail(p, "a metric is PHASE.VANTAGE[.TRAFFIC].NAME[.STATISTIC]");
			return false;
		}
		p->at++;
	}
	name = n == 1 || (n == 2 && metric_is_stat(words[1])) ? 0 : 1;
	if (name == 1 && strlen(words[0]) >= sizeof(ref->traffic)) {
		fail(p, "a traffic's name has at most %zu characters", sizeof(ref->traffic) - 1);
		return false;
	}
	snprintf(ref->traffic, sizeof(ref->traffic), "%.31s", name == 1 ? words[0] : "main");
	snprintf(ref->name, sizeof(ref->name), "%s", words[name]);
	if (n == name + 1)
		return true;
	if (!metric_is_stat(words[n - 1])) {
		fail(p, "'%s' is no statistic: %s", words[n - 1], METRIC_STATS);
		return false;
	}
	snprintf(ref->stat, sizeof(ref->stat), "%.11s", words[n - 1]);
	return strcmp(ref->stat, "share") != 0 || share_bounds(p, ref);
}

/* VANTAGE[.TRAFFIC].NAME[.STAT] */
static bool metric_at_vantage(struct parser *p, struct metric_ref *ref)
{
	size_t n = word_length(p->at);
	char word[64];

	snprintf(word, sizeof(word), "%.*s", (int)(n < 60 ? n : 60), p->at);
	if (!metric_is_vantage(word)) {
		const char *near = nearest_name(word, metric_vantages);

		fail(p,
		     "a metric names its vantage (client_app, client_wire, server_wire or "
		     "server_app), not '%s'%s%s%s",
		     word, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
		return false;
	}
	snprintf(ref->vantage, sizeof(ref->vantage), "%.15s", word);
	p->at += n;
	if (*p->at != '.') {
		fail(p, "a metric's name is expected after the vantage");
		return false;
	}
	p->at++;
	return metric_tail(p, ref);
}

static bool metric_words(struct parser *p, struct metric_ref *ref)
{
	if (!copy_word(p, ref->phase, sizeof(ref->phase), "phase"))
		return false;
	if (*p->at != '.') {
		fail(p, "a metric is PHASE.VANTAGE[.TRAFFIC].NAME[.STATISTIC]; '%s' is only a word",
		     ref->phase);
		return false;
	}
	p->at++;
	return metric_at_vantage(p, ref);
}

static struct expect_node *metric(struct parser *p)
{
	struct expect_node *n = node_new(p, NODE_METRIC);

	skip_space(p);
	n->column = column(p);
	if (metric_words(p, &n->ref))
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

static struct expect_node *arguments(struct parser *p, struct expect_node *n)
{
	bool of_metric = n->kind >= NODE_SLOPE;
	bool two = n->kind == NODE_MAX || n->kind == NODE_MIN || n->kind == NODE_AT;

	if (!want(p, "("))
		goto bad;
	n->left = of_metric ? metric(p) : sum(p);
	if (!n->left)
		goto bad;
	if (two) {
		if (!want(p, ","))
			goto bad;
		n->right = sum(p);
		if (!n->right)
			goto bad;
	}
	if (want(p, ")"))
		return n;
bad:
	node_free(n);
	return NULL;
}

static struct expect_node *factor(struct parser *p)
{
	size_t length;

	skip_space(p);
	if (isdigit((unsigned char)*p->at))
		return number(p);
	if (*p->at == '(') {
		struct expect_node *n;

		p->at++;
		n = sum(p);
		if (n && !want(p, ")")) {
			node_free(n);
			n = NULL;
		}
		return n;
	}
	length = word_length(p->at);
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
	if (*p->at)
		return fail(p,
			    "a number, a metric, a function or '(' is expected instead of '%.12s'",
			    p->at);
	return fail(p, "a number, a metric, a function or '(' is expected, the text ends here");
}

static struct expect_node *product(struct parser *p)
{
	struct expect_node *left = factor(p);

	while (left) {
		skip_space(p);
		if (*p->at != '*' && *p->at != '/')
			break;

		struct expect_node *n = node_new(p, *p->at == '*' ? NODE_MUL : NODE_DIV);

		p->at++;
		left = join(n, left, factor(p));
	}
	return left;
}

static struct expect_node *sum(struct parser *p)
{
	struct expect_node *left;

	if (++p->depth > DEPTH_MAX)
		return fail(p, "nested deeper than %d levels", DEPTH_MAX);
	left = product(p);
	while (left) {
		skip_space(p);
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
static struct expect_node *range(struct parser *p, struct expect_node *left, enum node_kind kind)
{
	const char *joint = kind == NODE_BETWEEN ? "and" : "of";
	struct expect_node *n = node_new(p, kind);

	n->left = left;
	n->right = sum(p);
	if (!n->right)
		goto bad;
	if (!take_word(p, joint)) {
		fail(p, "'%s' is expected%s", joint,
		     kind == NODE_BETWEEN ? ": between LOW and HIGH" : ": within PERCENT of VALUE");
		goto bad;
	}
	n->third = sum(p);
	if (n->third)
		return n;
bad:
	node_free(n);
	return NULL;
}

static struct expect_node *comparison(struct parser *p)
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
		if (take(p, operators[i].token)) {
			struct expect_node *n = node_new(p, operators[i].kind);

			return join(n, left, sum(p));
		}
	if (take_word(p, "between"))
		return range(p, left, NODE_BETWEEN);
	if (take_word(p, "within"))
		return range(p, left, NODE_WITHIN);
	node_free(left);
	return fail(p,
		    "a comparison is expected: >= <= > < ==, 'between A and B' or 'within P of B'");
}

int expect_parse(const char *text, struct expect *out, metric_known_fn *known_metric, void *arg,
		 struct err *e)
{
	struct parser p = {.text = text, .at = text, .e = e};
	struct expect x = {.text = NULL};

	if (strlen(text) > TEXT_MAX)
		return err_set(e, "an expectation has at most %d characters", TEXT_MAX);
	x.root = comparison(&p);
	if (!x.root)
		return -1;
	skip_space(&p);
	if (*p.at) {
		fail(&p, "the comparison is complete before '%.20s'", p.at);
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
	struct parser p = {.text = text, .at = text, .e = e};
	struct metric_ref ref = {.unit = 0};

	if (!metric_at_vantage(&p, &ref))
		return -1;
	if (*p.at) {
		fail(&p, "the metric is complete before '%.20s'", p.at);
		return -1;
	}
	*out = ref;
	return 0;
}

void expect_free(struct expect *x)
{
	free(x->text);
	free(x->documented);
	free(x->phase);
	free(x->where);
	node_free(x->root);
	*x = (struct expect){.text = NULL};
}

/* param.c - sets, prints, copies and compares configurations by their parameter tables. */
#include "proxy/base/param.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/units.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

union value {
	int64_t ns;
	uint64_t n;
	double d;
	int choice;
	bool flag;
	char *text;
};

static const struct type_info {
	const char *what;
	size_t size;
} types[] = {
    [PARAM_DURATION] = {"a duration", sizeof(int64_t)},
    [PARAM_SIZE] = {"a size", sizeof(uint64_t)},
    [PARAM_RATE] = {"a rate", sizeof(uint64_t)},
    [PARAM_FRACTION] = {"a fraction", sizeof(double)},
    [PARAM_COUNT] = {"a whole number", sizeof(uint64_t)},
    [PARAM_NUMBER] = {"a number", sizeof(double)},
    [PARAM_ENUM] = {"one of", sizeof(int)},
    [PARAM_FLAG] = {"true or false", sizeof(bool)},
    [PARAM_TEXT] = {"text", sizeof(char *)},
};

static union value load_value(const struct param *p, const void *cfg)
{
	union value v = {0};

	memcpy(&v, (const char *)cfg + p->offset, types[p->type].size);
	return v;
}

static void store_value(const struct param *p, void *cfg, union value v)
{
	memcpy((char *)cfg + p->offset, &v, types[p->type].size);
}

const struct param *param_find(const struct param *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static int parse_number(const char *text, double *d, struct err *e)
{
	char *end;

	*d = strtod(text, &end);
	if (end == text || *end || !isfinite(*d) || isspace((unsigned char)*text) ||
	    strpbrk(text, "xX"))
		return err_set(e, "'%s' is not a number", text);
	return 0;
}

static int parse_choice(const struct param *p, const char *text, int *choice, struct err *e)
{
	const char *near;

	for (int i = 0; p->choices[i]; i++) {
		if (strcmp(p->choices[i], text) == 0) {
			*choice = i;
			return 0;
		}
	}
	near = nearest_name(text, p->choices);
	if (near)
		return err_set(e, "'%s' is no choice (did you mean '%s'?)", text, near);
	return err_set(e, "'%s' is no choice", text);
}

static int parse_flag(const char *text, bool *flag, struct err *e)
{
	static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(words[i], text) == 0) {
			*flag = i % 2;
			return 0;
		}
	}
	return err_set(e, "'%s' is neither true nor false", text);
}

/* Leaves PARAM_TEXT's own copy to the caller. */
static int parse_value(const struct param *p, const char *text, union value *v, struct err *e)
{
	switch (p->type) {
	case PARAM_DURATION:
		return parse_duration(text, &v->ns, e);
	case PARAM_SIZE:
		return parse_size(text, &v->n, e);
	case PARAM_RATE:
		return parse_rate(text, &v->n, e);
	case PARAM_FRACTION:
		return parse_fraction(text, &v->d, e);
	case PARAM_COUNT:
		return parse_count(text, &v->n, e);
	case PARAM_NUMBER:
		return parse_number(text, &v->d, e);
	case PARAM_ENUM:
		return parse_choice(p, text, &v->choice, e);
	case PARAM_FLAG:
		return parse_flag(text, &v->flag, e);
	case PARAM_TEXT:
		return p->check ? p->check(text, e) : 0;
	}
	return 0;
}

static int compare_values(enum param_type type, union value a, union value b)
{
	switch (type) {
	case PARAM_DURATION:
		return (a.ns > b.ns) - (a.ns < b.ns);
	case PARAM_SIZE:
	case PARAM_RATE:
	case PARAM_COUNT:
		return (a.n > b.n) - (a.n < b.n);
	case PARAM_FRACTION:
	case PARAM_NUMBER:
		return (a.d > b.d) - (a.d < b.d);
	case PARAM_ENUM:
		return a.choice - b.choice;
	case PARAM_FLAG:
		return a.flag - b.flag;
	case PARAM_TEXT:
		return strcmp(a.text ? a.text : "", b.text ? b.text : "");
	}
	return 0;
}

/* -1 when v is on the wrong side of the limit; sign is 1 for a minimum, -1 for a maximum. */
static int check_limit(const struct param *p, union value v, const char *limit, int sign,
		       const char *text, struct err *e)
{
	union value bound = {0};

	if (!limit)
		return 0;
	BUG_ON(parse_value(p, limit, &bound, NULL) == -1);
	if (sign * compare_values(p->type, v, bound) < 0)
		return err_set(e, "'%s' is %s than %s", text, sign > 0 ? "less" : "more", limit);
	return 0;
}

/* An empty one is a script's variable that nobody has set. */
static int check_empty(const struct param *p, const char *text, struct err *e)
{
	if (p->type != PARAM_TEXT || p->takes_empty || *text)
		return 0;
	return err_set(e, "its value is empty; it takes a text (%s)", p->help);
}

static int set_value(const struct param *p, void *cfg, const char *text, bool given, struct err *e)
{
	union value v = {0};
	struct err why;
	char accepts[PARAM_ACCEPTS];

	if (parse_value(p, text, &v, &why) == -1 ||
	    check_limit(p, v, p->min, 1, text, &why) == -1 ||
	    check_limit(p, v, p->max, -1, text, &why) == -1 ||
	    (given && check_empty(p, text, &why) == -1)) {
		if (p->type == PARAM_TEXT)
			return err_set(e, "%s: %.400s", p->name, why.text);
		param_accepts(p, accepts, sizeof(accepts));
		return err_set(e, "%s: %.400s; it takes %s", p->name, why.text, accepts);
	}
	if (p->type == PARAM_TEXT) {
		free(load_value(p, cfg).text);
		v.text = xstrdup(text);
	}
	store_value(p, cfg, v);
	return 0;
}

int param_set(const struct param *p, void *cfg, const char *text, struct err *e)
{
	return set_value(p, cfg, text, true, e);
}

void param_defaults(const struct param *table, void *cfg)
{
	for (; table->name; table++)
		BUG_ON(table->def && set_value(table, cfg, table->def, false, NULL) == -1);
}

static void format_number(double d, char buf[UNITS_TEXT])
{
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(buf, UNITS_TEXT, "%.*g", digits, d);
		if (strtod(buf, NULL) == d)
			return;
	}
}

void param_format(const struct param *p, const void *cfg, char *buf, size_t len)
{
	union value v = load_value(p, cfg);
	char number[UNITS_TEXT];
	const char *text = number;

	switch (p->type) {
	case PARAM_DURATION:
		format_duration(v.ns, number);
		break;
	case PARAM_SIZE:
		format_size(v.n, number);
		break;
	case PARAM_RATE:
		format_rate(v.n, number);
		break;
	case PARAM_FRACTION:
		format_fraction(v.d, number);
		break;
	case PARAM_COUNT:
		snprintf(number, sizeof(number), "%llu", (unsigned long long)v.n);
		break;
	case PARAM_NUMBER:
		format_number(v.d, number);
		break;
	case PARAM_ENUM:
		text = p->choices[v.choice];
		break;
	case PARAM_FLAG:
		text = v.flag ? "true" : "false";
		break;
	case PARAM_TEXT:
		text = v.text ? v.text : "";
		break;
	}
	snprintf(buf, len, "%s", text);
}

static void append_text(char *buf, size_t len, const char *before, const char *text)
{
	size_t used = strlen(buf);

	snprintf(buf + used, len - used, "%s%s", before, text);
}

void param_accepts(const struct param *p, char *buf, size_t len)
{
	snprintf(buf, len, "%s", types[p->type].what);
	if (p->type == PARAM_ENUM)
		for (size_t i = 0; p->choices[i]; i++)
			append_text(buf, len, i ? ", " : " ", p->choices[i]);
	if (p->min && p->max) {
		append_text(buf, len, " from ", p->min);
		append_text(buf, len, " to ", p->max);
	} else if (p->min) {
		append_text(buf, len, " of at least ", p->min);
	} else if (p->max) {
		append_text(buf, len, " of at most ", p->max);
	} else if (p->type == PARAM_FRACTION) {
		append_text(buf, len, " from ", "0% to 100%");
	}
}

const struct param *param_lacks(const struct param *table, const struct param *p, const void *cfg)
{
	const struct param *needed = p->needs ? param_find(table, p->needs) : NULL;
	union value def = {0};

	if (!needed || !needed->def)
		return NULL;
	BUG_ON(needed->type == PARAM_TEXT || parse_value(needed, needed->def, &def, NULL) == -1);
	return compare_values(needed->type, load_value(needed, cfg), def) == 0 ? needed : NULL;
}

void param_copy(const struct param *table, void *dst, const void *src, size_t size)
{
	memcpy(dst, src, size);
	for (; table->name; table++) {
		union value v = load_value(table, src);

		if (table->type == PARAM_TEXT && v.text) {
			v.text = xstrdup(v.text);
			store_value(table, dst, v);
		}
	}
}

void param_free(const struct param *table, void *cfg)
{
	for (; table->name; table++) {
		if (table->type == PARAM_TEXT) {
			free(load_value(table, cfg).text);
			store_value(table, cfg, (union value){0});
		}
	}
}

bool param_equal(const struct param *table, const void *a, const void *b)
{
	for (; table->name; table++)
		if (compare_values(table->type, load_value(table, a), load_value(table, b)) != 0)
			return false;
	return true;
}

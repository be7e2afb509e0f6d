/* param.h - parameter tables: the single truth that YAML, command line, help and docs read. */
#ifndef WEDGE_BASE_PARAM_H
#define WEDGE_BASE_PARAM_H

#include "proxy/base/err.h"

#include <stdbool.h>

enum param_type {
	PARAM_DURATION, /* int64_t, nanoseconds */
	PARAM_SIZE,	/* uint64_t, bytes */
	PARAM_RATE,	/* uint64_t, bytes per second */
	PARAM_FRACTION, /* double, 0 to 1 */
	PARAM_COUNT,	/* uint64_t */
	PARAM_NUMBER,	/* double */
	PARAM_ENUM,	/* int, index into choices */
	PARAM_FLAG,	/* bool: true false yes no on off 1 0 */
	PARAM_TEXT,	/* char *, owned by the configuration */
};

/* One row. A table ends with a row whose name is NULL. min and max are texts in the unit of the
 * type, NULL for none; def is the text of the default, NULL makes the parameter required. */
struct param {
	const char *name;
	enum param_type type;
	size_t offset;
	const char *def, *min, *max;
	const char *needs; /* a row, but no text, at whose default this one has no effect */
	const char *const *choices; /* PARAM_ENUM: NULL-terminated */
	const char *help;	    /* one sentence, with its source where a constant has one */
	/* PARAM_TEXT with a grammar of its own: checks the text at parse time; NULL accepts all. */
	int (*check)(const char *text, struct err *e);
	bool takes_empty; /* PARAM_TEXT: the empty text means something, which the help says */
};

/* A row's offset, refused by the compiler when the member has another type than the row says. */
#define PARAM_AT(type_, member, ctype)                                                             \
	(_Generic(&((type_ *)0)->member, ctype * : offsetof(type_, member)))

#define P_DURATION(n, t, m, ...)                                                                   \
	{                                                                                          \
		.name = n, .type = PARAM_DURATION, .offset = PARAM_AT(t, m, int64_t), __VA_ARGS__  \
	}
#define P_SIZE(n, t, m, ...)                                                                       \
	{                                                                                          \
		.name = n, .type = PARAM_SIZE, .offset = PARAM_AT(t, m, uint64_t), __VA_ARGS__     \
	}
#define P_RATE(n, t, m, ...)                                                                       \
	{                                                                                          \
		.name = n, .type = PARAM_RATE, .offset = PARAM_AT(t, m, uint64_t), __VA_ARGS__     \
	}
#define P_FRACTION(n, t, m, ...)                                                                   \
	{                                                                                          \
		.name = n, .type = PARAM_FRACTION, .offset = PARAM_AT(t, m, double), __VA_ARGS__   \
	}
#define P_COUNT(n, t, m, ...)                                                                      \
	{                                                                                          \
		.name = n, .type = PARAM_COUNT, .offset = PARAM_AT(t, m, uint64_t), __VA_ARGS__    \
	}
#define P_NUMBER(n, t, m, ...)                                                                     \
	{                                                                                          \
		.name = n, .type = PARAM_NUMBER, .offset = PARAM_AT(t, m, double), __VA_ARGS__     \
	}
#define P_ENUM(n, t, m, list, ...)                                                                 \
	{                                                                                          \
		.name = n, .type = PARAM_ENUM, .offset = PARAM_AT(t, m, int), .choices = list,     \
		__VA_ARGS__                                                                        \
	}
#define P_FLAG(n, t, m, ...)                                                                       \
	{                                                                                          \
		.name = n, .type = PARAM_FLAG, .offset = PARAM_AT(t, m, bool), __VA_ARGS__         \
	}
#define P_TEXT(n, t, m, ...)                                                                       \
	{                                                                                          \
		.name = n, .type = PARAM_TEXT, .offset = PARAM_AT(t, m, char *), __VA_ARGS__       \
	}
#define P_END                                                                                      \
	{                                                                                          \
		.name = NULL                                                                       \
	}

/* Returns the row of that name, or NULL. */
const struct param *param_find(const struct param *table, const char *name);

/* Fills cfg with every default (required ones stay zero). cfg is zeroed memory of the caller. */
void param_defaults(const struct param *table, void *cfg);

/* Parses text into the row's member. The error names the parameter, the offending value and what
 * would be accepted. An empty text is refused where the row doesn't take it, though it may be the
 * row's default, which means that there is none. */
int param_set(const struct param *p, void *cfg, const char *text, struct err *e) WG_MUSTUSE;

/* Writes the value in cfg as a text that param_set would accept, or an empty one for a text that
 * there isn't; at most len bytes with the NUL. */
void param_format(const struct param *p, const void *cfg, char *buf, size_t len);

/* Writes what a row accepts in words: "duration from 1us to 1h", "one of segments, full_sized". */
#define PARAM_ACCEPTS 640 /* room for the longest text, the names of TLS alerts */
void param_accepts(const struct param *p, char *buf, size_t len);

/* Returns the row that p needs when it has its default in cfg, so that p has no effect; else NULL.
 */
const struct param *param_lacks(const struct param *table, const struct param *p, const void *cfg);

/* Copy, release and compare the values of all rows; a configuration owns its texts. */
void param_copy(const struct param *table, void *dst, const void *src, size_t size);
void param_free(const struct param *table, void *cfg);
bool param_equal(const struct param *table, const void *a, const void *b);

#endif

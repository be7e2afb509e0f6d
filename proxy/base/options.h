/* options.h - the options of a command as a table: the command line is read by its rows, and --help
 * is printed from them. Knows no option itself. */
#ifndef WEDGE_BASE_OPTIONS_H
#define WEDGE_BASE_OPTIONS_H

#include "proxy/base/param.h"

#include <stdio.h>

enum { OPTIONS_MAX = 64, OPTION_NAME_MAX = 32 };

struct option_row;

/* A number that may not have been given. */
struct given_count {
	uint64_t n;
	bool given;
};

/* Puts a value, which is NULL for an option that takes none, into the command's arguments. 0; -1
 * with *e, before which the parser puts the option's name; OPTION_ENDS: nothing after it is read.
 * An empty value that it accepts is refused by the parser. */
typedef int option_setter(void *args, const struct option_row *row, const char *value,
			  struct err *e);
enum { OPTION_ENDS = 1 };

/* One row. A table ends with a row whose name is NULL. */
struct option_row {
	const char *name;  /* "seed" of --seed */
	char letter;	   /* 'v' of -v; 0: none. One that has a letter takes no value */
	const char *value; /* "N": the help's word for its value; NULL: it takes none */
	const char *help;  /* the lines of the help, with '\n' between them */
	option_setter *set;
	bool repeats;  /* it may be given more than once; one without a value always may */
	size_t offset; /* in the arguments, for the setters below */
	const struct param *param; /* whose grammar the value has, for a setter that asks */
	/* For a command with modes: a bit for each mode that the option is for, 0 when it says
	 * nothing of the mode; and, when its one mode can't do without it, the error then. */
	unsigned modes;
	const char *missing;
};

option_setter option_set_flag;	  /* bool: true */
option_setter option_set_word;	  /* const char *: the word of the command line itself, the last */
option_setter option_set_times;	  /* unsigned: how often it is given */
option_setter option_set_count;	  /* struct given_count: a whole number */
option_setter option_set_nothing; /* the command asks options_have */
option_setter option_set_end;	  /* nothing: OPTION_ENDS */

#define O_FLAG(n, t, m, ...)                                                                       \
	{                                                                                          \
		.name = n, .set = option_set_flag, .offset = PARAM_AT(t, m, bool), __VA_ARGS__     \
	}
#define O_WORD(n, v, t, m, ...)                                                                    \
	{                                                                                          \
		.name = n, .value = v, .set = option_set_word,                                     \
		.offset = PARAM_AT(t, m, const char *), __VA_ARGS__                                \
	}
#define O_TIMES(n, t, m, ...)                                                                      \
	{                                                                                          \
		.name = n, .set = option_set_times, .offset = PARAM_AT(t, m, unsigned),            \
		__VA_ARGS__                                                                        \
	}
#define O_COUNT(nm, v, t, m, ...)                                                                  \
	{                                                                                          \
		.name = nm, .value = v, .set = option_set_count,                                   \
		.offset = PARAM_AT(t, m, struct given_count), __VA_ARGS__                          \
	}
#define O_CALL(n, v, setter, ...)                                                                  \
	{                                                                                          \
		.name = n, .value = v, .set = setter, __VA_ARGS__                                  \
	}
#define O_END                                                                                      \
	{                                                                                          \
		.name = NULL                                                                       \
	}

/* How a command refuses an option that it doesn't have. */
enum option_wording {
	OPTIONS_NEAREST, /* with the name that was probably meant */
	OPTIONS_PLAIN,
};

struct option_command {
	const char *name; /* "run" of "wedge run" */
	/* At most OPTIONS_MAX rows in all; the list ends with NULL. */
	const struct option_row *const *tables;
	enum option_wording wording;
	bool ends_at_word; /* the first word that is no option ends the options */
	const char *help_before, *help_after;
	int help_column;    /* of the rows' texts */
	bool help_in_lines; /* names without a letter stand below those with one */
};

/* Which options were given: each once, in the order in which they came first. */
struct options_given {
	const struct option_row *row[OPTIONS_MAX];
	size_t n;
};

/* Reads argv[1] and on into args; words that are no options are moved behind the options. Returns
 * the index of the first of these words; 0 after a setter's OPTION_ENDS; or -1 with *e. given may
 * be NULL, else it is zeroed memory. */
int options_parse(const struct option_command *c, void *args, int argc, char **argv,
		  struct options_given *given, struct err *e) WG_MUSTUSE;

/* True when the option of that name is among the given ones. */
bool options_have(const struct options_given *given, const char *name);

/* The help of a table's rows; and of a command: the text before, all rows, the text after. */
void options_print_rows(const struct option_command *c, const struct option_row *rows, FILE *out);
void options_print_help(const struct option_command *c, FILE *out);

#endif

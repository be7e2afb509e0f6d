/* expect_scan.h - the tokens of an expectation: words, signs, numbers with units, and their
 * columns. Private to expect*.c and metric_scan.c. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_SCAN_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_SCAN_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct scan {
	const char *text, *at;
	unsigned depth; /* of the nesting at this point */
	bool of_capture; /* metrics are figures of one capture, without phase and vantage */
	struct err *e;
};

size_t scan_column(const struct scan *p); /* of the next character, from 1 */
bool scan_fail(struct scan *p, const char *fmt, ...) WG_PRINTF(2, 3); /* "column N: ..."; false */
void scan_space(struct scan *p);
size_t scan_word_length(const char *at); /* letters, digits and _, not a digit first; 0: no word */

bool scan_token(struct scan *p, const char *token); /* takes the token when it comes next */
bool scan_word(struct scan *p, const char *word);   /* takes a whole word when it comes next */
bool scan_want(struct scan *p, const char *token);  /* takes the token, or fails */

/* Takes a number; *unit as in quantity.h. false after scan_fail. */
bool scan_number(struct scan *p, double *value, char *unit);

#endif

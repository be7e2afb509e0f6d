/* expect_scan.h - the words of an expectation: tokens, numbers with units, metrics, and where they
 * stand. Private to expect*.c. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_SCAN_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_SCAN_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct scan {
	const char *text, *at;
	unsigned depth; /* of what is being parsed */
	struct err *e;
};

size_t scan_column(const struct scan *p); /* of what comes next, from 1 */
bool scan_fail(struct scan *p, const char *fmt, ...) WG_PRINTF(2, 3); /* "column N: ..."; false */
void scan_space(struct scan *p);
size_t scan_word_length(const char *at); /* letters, digits and _, not a digit first; 0: no word */

bool scan_token(struct scan *p, const char *token); /* takes it when it comes next */
bool scan_word(struct scan *p, const char *word);   /* the same for a whole word */
bool scan_want(struct scan *p, const char *token);  /* fails when it doesn't */

/* unit as in quantity.h. */
bool scan_number(struct scan *p, double *value, char *unit);

#endif

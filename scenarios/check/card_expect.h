/* card_expect.h - what a card is expected to be, of a YAML file: per hang point the grades that
 * are accepted, and the latest end. docs/check.md has the format. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_EXPECT_H
#define WEDGE_SCENARIOS_CHECK_CARD_EXPECT_H

#include "scenarios/check/card.h"

struct card_expect; /* opaque */

/* Reads the file. NULL with *e, which reads "FILE:LINE:COLUMN: what". The caller frees it. */
struct card_expect *card_expect_load(const char *path, struct err *e) WG_MUSTUSE;
/* Reads len bytes of text; name stands for FILE in errors. */
struct card_expect *card_expect_load_text(const char *name, const char *text, size_t len,
					  struct err *e) WG_MUSTUSE;
void card_expect_free(struct card_expect *x); /* NULL is fine */

/* Says of each cell that has its runs what is not as expected (its unexpected), and of the card
 * that it was judged. What the default says counts for points that are named nowhere and were
 * graded: nothing that isn't held against the client. Returns how many cells are not as expected.
 */
size_t card_expect_judge(const struct card_expect *x, struct card *c);

#endif

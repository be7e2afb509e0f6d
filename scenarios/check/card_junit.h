/* card_junit.h - a card as JUnit XML, for build servers. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_JUNIT_H
#define WEDGE_SCENARIOS_CHECK_CARD_JUNIT_H

#include "scenarios/check/card.h"

/* Whether card_write_junit() may write there, as far as it can be known before. -1 with *e. */
int card_check_junit(const char *path, struct err *e) WG_MUSTUSE;

/* JUnit XML: each hang point a test case, which fails where it is not as expected, or without
 * expectations where its letter is F. It is skipped where the command never gets there, and an
 * error where the run itself failed. -1 with *e. */
int card_write_junit(const struct card *c, const char *path, struct err *e) WG_MUSTUSE;

#endif

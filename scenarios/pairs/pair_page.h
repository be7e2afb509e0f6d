/* pair_page.h - an attribution as a page for a person. */
#ifndef WEDGE_SCENARIOS_PAIRS_PAIR_PAGE_H
#define WEDGE_SCENARIOS_PAIRS_PAIR_PAGE_H

#include "scenarios/pairs/attribution.h"

#include <stdio.h>

/* names: the captures as the user named them, fit for a line. */
void pair_page_write(const struct attribution *a, const char *const names[2], FILE *out);

#endif

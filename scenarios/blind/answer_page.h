/* answer_page.h - what a trainee is told of a guess, with the frames to look at. */
#ifndef WEDGE_SCENARIOS_BLIND_ANSWER_PAGE_H
#define WEDGE_SCENARIOS_BLIND_ANSWER_PAGE_H

#include "scenarios/blind/answer.h"

/* Who is wrong isn't told what would have been right. */
void answer_page_write(const struct answer *a, FILE *out);

#endif

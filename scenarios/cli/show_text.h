/* show_text.h - one scenario explained to people: story, source, numbers and parameters. */
#ifndef WEDGE_SCENARIOS_CLI_SHOW_TEXT_H
#define WEDGE_SCENARIOS_CLI_SHOW_TEXT_H

#include "scenarios/scenario/scenario.h"

/* Prints s on stdout. */
void show_text(const struct scenario *s);

#endif

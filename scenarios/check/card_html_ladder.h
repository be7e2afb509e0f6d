/* card_html_ladder.h - the packets of a cell's worst run as a ladder between client and server,
 * with the fault's moment and the command's end. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_HTML_LADDER_H
#define WEDGE_SCENARIOS_CHECK_CARD_HTML_LADDER_H

#include <jansson.h>
#include <stdio.h>

/* run: as card_run_json makes it, with its "ladder"; nothing where it has none. fault: what happens
 * at its moment, for people. */
void card_html_ladder(const json_t *run, const char *fault, FILE *out);

#endif

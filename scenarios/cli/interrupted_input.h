/* interrupted_input.h - Ctrl-C at "tcpdump -w - | wedge analyze -" ends the capture, not its
 * analysis: both get the signal. */
#ifndef WEDGE_SCENARIOS_CLI_INTERRUPTED_INPUT_H
#define WEDGE_SCENARIOS_CLI_INTERRUPTED_INPUT_H

#include <stdbool.h>

/* From now on the first SIGINT ends standard input: whoever writes to it has two seconds for its
 * last packets. A second SIGINT ends wedge. Nothing is done where standard input is an ordinary
 * file.
 */
void interrupted_input_begin(void);

/* SIGINT ends wedge again. */
void interrupted_input_end(void);

#endif

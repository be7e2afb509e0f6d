/* command_output.h - what a program of the user's has printed, from the file that it was kept in.
 */
#ifndef WEDGE_SCENARIOS_RUN_COMMAND_OUTPUT_H
#define WEDGE_SCENARIOS_RUN_COMMAND_OUTPUT_H

#include "proxy/base/attrs.h"

#include <stdbool.h>

#define COMMAND_OUTPUT_MAX (64u << 10) /* bytes of its end that are read */

/* Reads the end of it as lines, the caller's to free; "" when there is none. */
char *command_output_read(const char *path);

/* Calls for every line that isn't empty, until a call returns true; returns whether one has. */
bool command_output_each(const char *text, bool (*fn)(void *arg, const char *line), void *arg);

/* Returns the last line that isn't empty, made clean for people; "" when there is none. The caller
 * frees. */
char *command_output_last(const char *text);

#endif

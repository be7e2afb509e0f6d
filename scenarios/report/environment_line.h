/* environment_line.h - one entry of the environment in one line. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_ENVIRONMENT_LINE_H
#define WEDGE_SCENARIOS_REPORT_ENVIRONMENT_LINE_H

#include <jansson.h>

/* {"gro": false, "rx": {"a": 1}} becomes "gro=false rx(a=1)". The caller frees. */
char *environment_line(const json_t *value);

#endif

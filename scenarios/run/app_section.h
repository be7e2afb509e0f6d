/* app_section.h - an application's result cut down to one section of its phase. */
#ifndef WEDGE_SCENARIOS_RUN_APP_SECTION_H
#define WEDGE_SCENARIOS_RUN_APP_SECTION_H

#include "scenarios/run/phase_data.h"

/* Returns a result with the listed exchanges that began in the section, all its times together, and
 * the counts that follow from them; besides, as lists of seconds, one for each time of the section,
 * "first_completed": from its beginning to the end of the first exchange in it that succeeded, and
 * "first_failed": to the start of the first that failed, and "closing", of connections whose own
 * FIN was sent in it. Without exchanges when not all of them are listed. A new reference. */
json_t *app_section(const struct phase_data *d, const char *section, const json_t *result);

/* Returns whether an application metric can be had of a section: whether exchanges make it. */
bool app_section_has(const char *metric);

#endif

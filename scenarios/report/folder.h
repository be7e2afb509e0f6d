/* folder.h - the report's files in their folder: each appears whole under its name, or not at all.
 */
#ifndef WEDGE_SCENARIOS_REPORT_FOLDER_H
#define WEDGE_SCENARIOS_REPORT_FOLDER_H

#include "proxy/base/err.h"
#include "scenarios/run/result.h"

/* Writes report.txt, report.html, result.json and junit.xml. 0, or -1 with *e; a file that was not
 * finished is removed. */
int report_write_folder(const struct result *r, const char *folder, struct err *e) WG_MUSTUSE;

#endif

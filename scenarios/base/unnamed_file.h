/* unnamed_file.h - a file that no folder shows: its space is free again once no process has it
 * open, whatever ends that process. */
#ifndef WEDGE_SCENARIOS_BASE_UNNAMED_FILE_H
#define WEDGE_SCENARIOS_BASE_UNNAMED_FILE_H

#include "proxy/base/err.h"

/* Makes such a file in the folder of path, which needn't exist itself, for reading and writing at
 * its end, mode 0600. Returns the descriptor; -1 with *e when that folder takes no file. */
int unnamed_file(const char *path, struct err *e) WG_MUSTUSE;

#endif

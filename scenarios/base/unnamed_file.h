/* unnamed_file.h - a file that no folder shows: its space is free again once no process has it
 * open, whatever ends that process. */
#ifndef WEDGE_SCENARIOS_BASE_UNNAMED_FILE_H
#define WEDGE_SCENARIOS_BASE_UNNAMED_FILE_H

#include "proxy/base/err.h"

/* Makes such a file in the folder of path, which needn't exist itself, for reading and writing at
 * its end, mode 0600. Returns the descriptor; -1 with *e when that folder takes no file. */
int unnamed_file(const char *path, struct err *e) WG_MUSTUSE;

/* Makes one that name_beside() can give a name. Where the file system takes no file without a name,
 * it has one: *beside, the caller's to free and to unlink; NULL else. */
int named_later(const char *path, char **beside, struct err *e) WG_MUSTUSE;

/* Gives the file a name beside path that nothing else has: *beside, the caller's to free. */
int name_beside(int fd, const char *path, char **beside, struct err *e) WG_MUSTUSE;

#endif

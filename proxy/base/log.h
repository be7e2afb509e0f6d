/* log.h - lines for people on stderr; what analysis needs goes to the journal instead. */
#ifndef WEDGE_BASE_LOG_H
#define WEDGE_BASE_LOG_H

#include "proxy/base/attrs.h"

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log {
	_Atomic enum log_level level; /* lines above this level are not written */
	FILE *out;
};

/* Returns whether lines of that level are written: what they would say needn't be made else. */
bool log_shows(const struct log *log, enum log_level level);

/* Write one line, from any thread, with its newline; a NULL log writes nothing. */
void log_error(const struct log *log, const char *fmt, ...) WG_PRINTF(2, 3);
void log_warn(const struct log *log, const char *fmt, ...) WG_PRINTF(2, 3);
void log_info(const struct log *log, const char *fmt, ...) WG_PRINTF(2, 3);
void log_debug(const struct log *log, const char *fmt, ...) WG_PRINTF(2, 3);

#endif

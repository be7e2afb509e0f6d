/* log.h - lines for people on stderr; what analysis needs goes to the journal instead. */
#ifndef WEDGE_BASE_LOG_H
#define WEDGE_BASE_LOG_H

#include "proxy/base/attrs.h"

enum log_level { WG_LOG_ERROR, WG_LOG_WARN, WG_LOG_INFO, WG_LOG_DEBUG };

struct log {
	enum log_level level; /* lines above this level are not written */
	FILE *out;
};

/* One line, ended by the function; a NULL log writes nothing. */
void log_error(const struct log *log, const char *fmt, ...) WG_PRINTF(2, 3);
void log_warn(const struct log *log, const char *fmt, ...) WG_PRINTF(2, 3);
void log_info(const struct log *log, const char *fmt, ...) WG_PRINTF(2, 3);
void log_debug(const struct log *log, const char *fmt, ...) WG_PRINTF(2, 3);

#endif

/* log.c - each line is formatted whole before it is written, so that no other's comes between. */
#include "proxy/base/log.h"

#include "proxy/base/text_print.h"

#include <stdarg.h>

bool log_shows(const struct log *log, enum log_level level)
{
	return log && level <= log->level;
}

static void write_line(const struct log *log, enum log_level level, const char *tag,
		       const char *fmt, va_list ap)
{
	char line[1024];

	if (!log_shows(log, level))
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	text_print_line_in_place(line, sizeof(line));
	fprintf(log->out, "wedge: %s%s\n", tag, line);
	fflush(log->out);
}

#define LOG_VERB(verb, level, tag)                                                                 \
	void verb(const struct log *log, const char *fmt, ...)                                     \
	{                                                                                          \
		va_list ap;                                                                        \
		va_start(ap, fmt);                                                                 \
		write_line(log, level, tag, fmt, ap);                                              \
		va_end(ap);                                                                        \
	}

LOG_VERB(log_error, LOG_LEVEL_ERROR, "error: ")
LOG_VERB(log_warn, LOG_LEVEL_WARN, "warning: ")
LOG_VERB(log_info, LOG_LEVEL_INFO, "")
LOG_VERB(log_debug, LOG_LEVEL_DEBUG, "debug: ")

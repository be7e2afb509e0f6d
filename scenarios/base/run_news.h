/* run_news.h - what a run says of itself while it goes on, to a process that shows it. Nothing of
 * the run waits for that process: what it doesn't take at once is lost, and counted. */
#ifndef WEDGE_SCENARIOS_BASE_RUN_NEWS_H
#define WEDGE_SCENARIOS_BASE_RUN_NEWS_H

#include "proxy/base/err.h"

#include <jansson.h>
#include <stdint.h>

/* The largest message; a longer one is lost. A SOCK_SEQPACKET keeps it whole. */
#define RUN_NEWS_MAX (192u << 10)

/* What a message begins with: a JSON object with a "type", or this and a line of the journal. */
#define RUN_NEWS_LINE 'L'

/* One sender's end. */
struct run_news {
	int fd;	       /* SOCK_SEQPACKET; whoever makes it closes it */
	uint64_t lost; /* lines of the journal that weren't taken, since the last that was */
};

/* Sends json_pack'ed members ("s:i", ...; NULL for none) with the given type. news NULL: nobody
 * watches. */
void run_news_send(const struct run_news *news, const char *type, const char *fmt, ...);

/* Sends a line of the journal, its newline not included; where some were lost before it, their
 * number first ({"type":"lost","lines":N}). */
void run_news_line(struct run_news *news, const char *line, size_t len);

#endif

/* tls_start_words.h - what the readers of lines ask of one. */
#ifndef WEDGE_STREAM_TLS_TLS_START_WORDS_H
#define WEDGE_STREAM_TLS_TLS_START_WORDS_H

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Returns whether the line is that word, alone or with arguments behind it. */
static inline bool tls_start_is_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncasecmp(line, word, n) == 0 && (!line[n] || line[n] == ' ');
}

#endif

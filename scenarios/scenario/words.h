/* words.h - a command's words as a shell would split them. */
#ifndef WEDGE_SCENARIOS_SCENARIO_WORDS_H
#define WEDGE_SCENARIOS_SCENARIO_WORDS_H

#include "proxy/base/err.h"

/* Splits at blanks; knows '...', "..." and backslash. *words is NULL-terminated, for words_free. -1
 * with *e for an open quote or a text without a word. */
int words_split(const char *text, char ***words, struct err *e) WG_MUSTUSE;
/* Returns the words as one text that words_split takes apart again; the caller frees. */
char *words_join(char *const *words);
char **words_copy(char *const *words); /* NULL yields NULL */
void words_free(char **words);	       /* NULL is fine */

#endif

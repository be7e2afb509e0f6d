/* words.c - one word at a time, quotes taken off. */
#include "scenarios/scenario/words.h"

#include "proxy/base/mem.h"

#include <ctype.h>
#include <string.h>

void words_free(char **words)
{
	for (char **w = words; w && *w; w++)
		free(*w);
	free(words);
}

/* Takes one word from *at into a new text; NULL when a quote isn't closed. */
static char *take_word(const char **at)
{
	char *out = xcalloc(1, strlen(*at) + 1), quote = '\0';
	size_t n = 0;

	for (; **at && (quote || !isspace((unsigned char)**at)); (*at)++) {
		if (**at == quote) {
			quote = '\0';
		} else if (!quote && (**at == '\'' || **at == '"')) {
			quote = **at;
		} else {
			if (**at == '\\' && quote != '\'' && (*at)[1])
				(*at)++;
			out[n++] = **at;
		}
	}
	if (!quote)
		return out;
	free(out);
	return NULL;
}

int words_split(const char *text, char ***words, struct err *e)
{
	size_t n = 0;

	*words = xcalloc(1, sizeof(char *));
	for (;;) {
		char *word;

		text += strspn(text, " \t\n");
		if (!*text)
			break;
		word = take_word(&text);
		if (!word) {
			words_free(*words);
			*words = NULL;
			return err_set(e, "a quote isn't closed");
		}
		*words = xrealloc(*words, n + 2, sizeof(char *));
		(*words)[n++] = word;
		(*words)[n] = NULL;
	}
	if (n)
		return 0;
	words_free(*words);
	*words = NULL;
	return err_set(e, "a command has at least one word");
}

char **words_copy(char *const *words)
{
	size_t n = 0;
	char **copy;

	if (!words)
		return NULL;
	while (words[n])
		n++;
	copy = xcalloc(n + 1, sizeof(char *));
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(words[i]);
	return copy;
}

/* A word that words_split or a shell would change is quoted; a ' in it ends the quotes for a
 * moment.
 */
static char *quote_word(const char *word)
{
	char *text, *quoted;

	if (*word && !word[strcspn(word, " \t\n'\"\\$&;|<>()*?#")])
		return xstrdup(word);
	text = xstrdup("'");
	for (; *word; word++) {
		char *longer =
		    *word == '\'' ? xasprintf("%s'\\''", text) : xasprintf("%s%c", text, *word);

		free(text);
		text = longer;
	}
	quoted = xasprintf("%s'", text);
	free(text);
	return quoted;
}

char *words_join(char *const *words)
{
	char *text = xstrdup("");

	for (; *words; words++) {
		char *word = quote_word(*words);
		char *longer = xasprintf("%s%s%s", text, *text ? " " : "", word);

		free(word);
		free(text);
		text = longer;
	}
	return text;
}

/* client_program.c - one wrapper after the other is taken off, as long as it is certain where its
 * command begins. */
#include "scenarios/check/client_program.h"

#include "proxy/base/mem.h"
#include "scenarios/scenario/words.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* A program that runs the rest of its words; coreutils 9.1 and util-linux 2.38 have these. */
struct wrapper {
	const char *name;
	const char *values; /* its letters that take a value */
	size_t operands;    /* before the command */
};

static const struct wrapper wrappers[] = {
    {"env", "uC", 0},  {"timeout", "ks", 1}, {"nice", "n", 0}, {"nohup", "", 0},
    {"setsid", "", 0}, {"stdbuf", "ioe", 0}, {"exec", "a", 0}, {NULL, NULL, 0}};

static const char *const shells[] = {"sh", "bash", "dash", "ksh", "zsh", NULL};

static const char *find_base(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? slash + 1 : word;
}

/* Returns whether it is NAME=value. */
static bool is_assignment(const char *word)
{
	size_t n = 0;

	while (isalnum((unsigned char)word[n]) || word[n] == '_')
		n++;
	return n && word[n] == '=' && !isdigit((unsigned char)*word);
}

static char *const *skip_assignments(char *const *words)
{
	while (*words && is_assignment(*words))
		words++;
	return words;
}

/* Returns the words behind the options; what has no certain end isn't skipped. */
static char *const *skip_options(char *const *words, const char *values)
{
	for (; *words && **words == '-'; words++) {
		const char *value;

		if (strcmp(*words, "--") == 0)
			return words + 1;
		value = (*words)[1] == '-' ? NULL : strpbrk(*words, values);
		if (value && !value[1] && words[1]) /* it is the next word */
			words++;
	}
	return words;
}

/* Returns the words of the wrapped command, of which there is one at least; NULL: it wraps none. */
static char *const *take_off_wrapper(char *const *words)
{
	const struct wrapper *w = wrappers;

	while (w->name && strcmp(w->name, find_base(*words)) != 0)
		w++;
	if (!w->name)
		return NULL;
	words = skip_options(words + 1, w->values);
	for (size_t i = 0; i < w->operands && *words; i++)
		words++;
	words = skip_assignments(words);
	return *words ? words : NULL;
}

/* Returns whether the shell's text is one command: no list, no pipe, nothing between brackets. */
static bool is_plain(const char *text)
{
	char quote = '\0', before = '\0';

	for (; *text; before = *text++) {
		if (*text == '\\' && quote != '\'' && text[1])
			text++;
		else if (quote)
			quote = *text == quote ? '\0' : quote;
		else if (*text == '\'' || *text == '"')
			quote = *text;
		else if (strchr(";|()`\n", *text) || (*text == '&' && before != '>'))
			return false;
	}
	return true;
}

/* Returns the text that a shell runs by its -c; NULL: it is no shell, or has none. */
static const char *find_text(char *const *words)
{
	const char *const *shell = shells;

	while (*shell && strcmp(*shell, find_base(*words)) != 0)
		shell++;
	if (!*shell)
		return NULL;
	for (words++; *words && **words == '-' && (*words)[1] != '-'; words++)
		if (strchr(*words, 'c'))
			return words[1];
	return NULL;
}

char *client_program_find(char *const *argv)
{
	char *const *words = argv, *const * inner, **split = NULL;
	char *program;
	const char *text;

	while ((inner = take_off_wrapper(words)))
		words = inner;
	text = find_text(words);
	if (text && is_plain(text) && words_split(text, &split, &(struct err){""}) == 0 &&
	    *skip_assignments(split))
		program = client_program_find(skip_assignments(split));
	else
		program = xstrdup(find_base(*words));
	words_free(split);
	return program;
}

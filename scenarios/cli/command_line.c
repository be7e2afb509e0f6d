/* command_line.c - words that need no quotes get none, so that the usual line stays as typed. */
#include "scenarios/cli/command_line.h"

#include "proxy/base/mem.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(const char *word)
{
	if (!*word)
		return false;
	for (; *word; word++)
		if (!isalnum((unsigned char)*word) && !strchr("%+,-./:=@_", *word))
			return false;
	return true;
}

static bool has_control(const char *word)
{
	for (; *word; word++)
		if (iscntrl((unsigned char)*word))
			return true;
	return false;
}

enum { BYTES_OF_A_CHARACTER = 4 }; /* at most: \\033, or '\\'' */

/* Writes the word at out, without a NUL; returns where it ends. */
static char *write_word(char *out, const char *word)
{
	bool control = has_control(word);

	if (is_plain(word))
		return stpcpy(out, word);
	out = stpcpy(out, control ? "$'" : "'");
	for (; *word; word++)
		if (iscntrl((unsigned char)*word))
			out +=
			    snprintf(out, BYTES_OF_A_CHARACTER + 1, "\\%03o", (unsigned char)*word);
		else if (control && (*word == '\'' || *word == '\\'))
			out = stpcpy(out, *word == '\'' ? "\\'" : "\\\\");
		else if (*word == '\'')
			out = stpcpy(out, "'\\''");
		else
			*out++ = *word;
	return stpcpy(out, "'");
}

char *command_line_text(int argc, char **argv)
{
	static const char start[] = "wedge run";
	size_t room = sizeof(start);
	char *text, *at;

	for (int i = 1; i < argc; i++)
		room += strlen(" $''") + BYTES_OF_A_CHARACTER * strlen(argv[i]);
	text = xcalloc(1, room);
	at = stpcpy(text, start);
	for (int i = 1; i < argc; i++)
		at = write_word(stpcpy(at, " "), argv[i]);
	return text;
}

/* command_output.c - carriage returns and NULs end lines, too: progress bars are lines. */
#include "scenarios/run/command_output.h"

#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"

#include <string.h>

char *command_output_read(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = xcalloc(1, COMMAND_OUTPUT_MAX + 1);
	size_t len;

	if (!f)
		return text;
	if (fseek(f, -(long)COMMAND_OUTPUT_MAX, SEEK_END) == -1)
		rewind(f); /* it is shorter */
	len = fread(text, 1, COMMAND_OUTPUT_MAX, f);
	for (size_t i = 0; i < len; i++)
		if (!text[i] || text[i] == '\r')
			text[i] = '\n';
	fclose(f);
	return text;
}

bool command_output_each(const char *text, bool (*fn)(void *arg, const char *line), void *arg)
{
	bool found = false;

	while (*text && !found) {
		size_t len = strcspn(text, "\n");
		char *line = xasprintf("%.*s", (int)len, text);

		found = *line && fn(arg, line);
		free(line);
		text += len + (text[len] == '\n');
	}
	return found;
}

static bool keep_line(void *arg, const char *line)
{
	char **last = arg;

	free(*last);
	*last = text_print_line(line);
	return false;
}

char *command_output_last(const char *text)
{
	char *last = xstrdup("");

	command_output_each(text, keep_line, &last);
	return last;
}

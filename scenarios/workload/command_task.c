/* command_task.c - a word is copied a piece at a time, so that what was filled in isn't looked at.
 */
#include "scenarios/workload/command_task.h"

#include "proxy/base/mem.h"

#include <stdio.h>
#include <string.h>

char *command_word(const char *word, const struct addr *a, const char *out_dir)
{
	char host[ADDR_TEXT], port[8];
	struct {
		const char *name, *value;
	} known[] = {{"{host}", host}, {"{port}", port}, {"{out}", out_dir ? out_dir : "."}};
	char *text = xstrdup("");

	addr_format_host(a, host);
	snprintf(port, sizeof(port), "%u", addr_port(a));
	while (*word) {
		int take = 1;
		char *longer = NULL;

		for (size_t i = 0; i < ARRAY_LEN(known) && !longer; i++) {
			if (strncmp(word, known[i].name, strlen(known[i].name)) != 0)
				continue;
			take = (int)strlen(known[i].name);
			longer = xasprintf("%s%s", text, known[i].value);
		}
		if (!longer)
			longer = xasprintf("%s%c", text, *word);
		free(text);
		text = longer;
		word += take;
	}
	return text;
}

/* command_task.c - the places that a program's words may have. */
#include "scenarios/workload/command_task.h"

#include "proxy/base/mem.h"
#include "scenarios/base/text_fill.h"

char *command_word(const char *word, const struct addr *a, const char *out_dir)
{
	char host[ADDR_TEXT], port[8];
	const struct text_place places[] = {
	    {"{host}", host}, {"{port}", port}, {"{out}", out_dir ? out_dir : "."}};

	addr_format_host(a, host);
	snprintf(port, sizeof(port), "%u", addr_port(a));
	return text_fill(word, places, ARRAY_LEN(places));
}

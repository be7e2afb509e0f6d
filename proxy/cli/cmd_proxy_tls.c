/* cmd_proxy_tls.c - makes rows of params: a key's choices go before its help, and the text is
 * broken into lines. */
#include "proxy/cli/cmd_proxy_tls.h"

#include <string.h>

#define HELP_WIDTH 70 /* of a text's line */

/* The help's word for a key's value, as in the manual. */
static const char *value_word(const struct param *p)
{
	static const char *const words[][2] = {
	    {"mode", "MODE"},	   {"ca", "DIR"},	   {"verify", "WHAT"},
	    {"ciphers", "NAMES"},  {"version", "VERSION"}, {"cert-fault", "FAULT"},
	    {"start", "PROTOCOL"}, {"alpn", "NAMES"},
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(p->name, words[i][0]) == 0)
			return words[i][1];
	return "FILE";
}

/* Between words. */
static void break_lines(char *text)
{
	while (strlen(text) > HELP_WIDTH) {
		size_t n = HELP_WIDTH;

		while (n && text[n] != ' ')
			n--;
		if (!n)
			return;
		text[n] = '\n';
		text += n + 1;
	}
}

static void write_help(const struct param *p, bool choices, char text[TLS_HELP_MAX])
{
	size_t used = 0;

	if (p->type == PARAM_ENUM && choices)
		for (size_t i = 0; p->choices[i]; i++)
			used += (size_t)snprintf(text + used, TLS_HELP_MAX - used, "%s%s",
						 i ? ", " : "", p->choices[i]);
	snprintf(text + used, TLS_HELP_MAX - used, "%s%s", used ? ": " : "", p->help);
	break_lines(text);
}

void tls_rows_init(struct tls_rows *r, option_setter *set, unsigned modes)
{
	size_t n = 0;

	for (const struct param *p = tls_params; p->name; p++, n++) {
		bool is_mode = n == 0; /* whose help explains each choice */

		snprintf(r->name[n], OPTION_NAME_MAX, "tls%s%s", is_mode ? "" : "-",
			 is_mode ? "" : p->name);
		write_help(p, !is_mode, r->help[n]);
		r->row[n] = (struct option_row){.name = r->name[n],
						.value = value_word(p),
						.help = r->help[n],
						.set = set,
						.param = p,
						.modes = modes};
	}
	r->row[n] = (struct option_row)O_END;
}

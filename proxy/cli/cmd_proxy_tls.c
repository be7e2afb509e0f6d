/* cmd_proxy_tls.c - TLS's keys as options of the command line, and as lines of its help. */
#include "proxy/cli/cmd_proxy_tls.h"

#include <string.h>

#define HELP_AT	   25 /* column of the texts */
#define HELP_WIDTH 70 /* of a text's line */

void tls_options_init(struct tls_options *o, struct option *table, size_t n)
{
	o->n = 0;
	for (const struct param *p = tls_params; p->name; p++) {
		char *name = o->name[o->n];

		if (o->n)
			snprintf(name, TLS_OPTION_LEN, "--tls-%s", p->name);
		else
			snprintf(name, TLS_OPTION_LEN, "--tls");
		table[n + o->n] = (struct option){
		    .name = name + 2, .has_arg = required_argument, .val = TLS_OPTION + (int)o->n};
		o->n++;
	}
}

int tls_option_set(const struct tls_options *o, struct tls_config *c, int opt, const char *value,
		   struct err *e)
{
	size_t i = (size_t)(opt - TLS_OPTION);

	return param_set(&tls_params[i], c, value, e) == -1 ? err_wrap(e, "%s", o->name[i]) : 0;
}

/* What stands for an option's value, as in the manual. */
static const char *value_word(const struct param *p)
{
	static const char *const words[][2] = {
	    {"mode", "MODE"},	  {"ca", "DIR"},	  {"verify", "WHAT"},
	    {"ciphers", "NAMES"}, {"version", "VERSION"}, {"cert-fault", "FAULT"},
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(p->name, words[i][0]) == 0)
			return words[i][1];
	return "FILE";
}

/* Breaks a text between words. */
static void print_wrapped(const char *text, FILE *out)
{
	while (*text) {
		size_t n = strlen(text);

		if (n > HELP_WIDTH) {
			n = HELP_WIDTH;
			while (n && text[n] != ' ')
				n--;
		}
		fprintf(out, "%.*s\n", (int)n, text);
		text += n + (text[n] == ' ');
		if (*text)
			fprintf(out, "%*s", HELP_AT, "");
	}
}

void tls_options_help(const struct tls_options *o, FILE *out)
{
	char text[512];

	fputs("\nTLS (docs/tls.md); in a file the same keys, under tls:\n\n", out);
	for (size_t i = 0; i < o->n; i++) {
		const struct param *p = &tls_params[i];
		int used = fprintf(out, "  %s %s", o->name[i], value_word(p));
		size_t at = 0;

		if (p->type == PARAM_ENUM)
			for (size_t c = 0; p->choices[c]; c++)
				at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
						       c ? ", " : "", p->choices[c]);
		fprintf(out, "%*s", used < HELP_AT ? HELP_AT - used : 1, "");
		snprintf(text + at, sizeof(text) - at, "%s%s", at ? ": " : "", p->help);
		print_wrapped(i ? text : p->help, out);
	}
}

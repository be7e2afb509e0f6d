/* cmd_proxy.c - "wedge proxy": proxies between the user's own clients and servers, from the command
 * line or from a file. What runs is service/'s. */
#include "proxy/base/text_print.h"
#include "proxy/cli/cmd_proxy_args.h"
#include "proxy/cli/commands.h"
#include "proxy/config/config_load.h"
#include "proxy/engine/engine_print.h"

#include <string.h>

static int check_file(const char *path, const struct impairments_ops *ops, struct err *e)
{
	struct config c;
	size_t faults;
	int rc;

	config_init(&c, ops);
	rc = config_load(&c, path, e);
	if (rc == 0) {
		char *name = text_print_line(strcmp(path, "-") == 0 ? "standard input" : path);

		faults = config_impairments(&c);
		printf("%s: valid: %zu %s (%zu disabled), %zu %s\n", name, c.n,
		       c.n == 1 ? "proxy" : "proxies", config_disabled(&c), faults,
		       faults == 1 ? "impairment" : "impairments");
		free(name);
	}
	config_fini(&c);
	return rc;
}

/* Standard output shows a tab as what it is, \u0009, and a shell's rules are indented by spaces as
 * well. */
static void print_indented(const char *text)
{
	for (; *text; text++)
		fputs(*text == '\t' ? "    " : (const char[]){*text, '\0'}, stdout);
}

static int print_rules(const struct config *c)
{
	const struct config_proxy *p = &c->proxy[0];
	const struct engine_proxy_config pc = {.mode = (enum proxy_mode)p->mode,
					       .intercept = p->intercept,
					       .own_address = p->own_address,
					       .early_accept = p->early_accept};
	char *text = engine_print_rules(&pc, c->impairments_ops->needs_packets(p->impairments));

	print_indented(text);
	free(text);
	return 0;
}

static int run_proxy(struct proxy_args *a, struct err *e)
{
	if (a->help) {
		proxy_args_print_help(a, stdout);
		return 0;
	}
	if (a->check)
		return check_file(a->check, a->config.impairments_ops, e);
	if (a->print_rules)
		return print_rules(&a->config);
	a->source.command_line = &a->config;
	return service_run(&a->source, e);
}

int cmd_proxy(int argc, char **argv, const struct impairments_ops *impairments,
	      const struct capture_ops *capture, const struct control_ops *control)
{
	struct proxy_args a;
	struct err e = {""};
	int status;

	proxy_args_init(&a, impairments, capture);
	a.source.control_ops = control;
	a.source.control.metrics = true;
	status = proxy_args_parse(&a, argc, argv, &e);
	if (status == 0)
		status = run_proxy(&a, &e);
	if (status == -1)
		fprintf(stderr, "wedge: proxy: %s\n", e.text);
	proxy_args_fini(&a);
	return status == -1 ? 2 : status;
}

/* main.c - the only composition root: finds the command and runs it. */
#include "proxy/api/api.h"
#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/param.h"
#include "proxy/base/standard_streams.h"
#include "proxy/base/version.h"
#include "proxy/cli/commands.h"
#include "proxy/exec/descendants.h"
#include "proxy/ns/descriptors.h"
#include "proxy/stream/tls/tls_memory.h"
#ifdef WEDGE_IMPAIRMENTS
#include "impairments/cli/commands.h"
#include "impairments/live/impairments_ops.h"
#else
#include "proxy/config/no_impairments.h"
#endif
#ifdef WEDGE_SCENARIOS
#include "scenarios/cli/commands.h"
#include "scenarios/live/live_capture.h"
#endif

#include <string.h>

#ifdef WEDGE_IMPAIRMENTS
static const struct impairments_ops *const impairments = &impairments_ops;
#else
static const struct impairments_ops *const impairments = &no_impairments;
#endif
#ifdef WEDGE_SCENARIOS
static const struct capture_ops *const capture = &live_capture;
#else
static const struct capture_ops *const capture = NULL;
#endif

static int run_proxy(int argc, char **argv)
{
	return cmd_proxy(argc, argv, impairments, capture, &api_ops);
}

static int run_serve(int argc, char **argv)
{
	return cmd_serve(argc, argv, impairments, capture, &api_ops);
}

static int run_toxiproxy(int argc, char **argv)
{
	return cmd_toxiproxy(argc, argv, impairments, capture, &api_ops);
}

static int run_exec(int argc, char **argv)
{
	return cmd_exec(argc, argv, impairments, capture);
}

static const struct command commands[] = {
#ifdef WEDGE_SCENARIOS
    {"run", "reproduce a documented failure in a sealed lab and measure it", cmd_run, 2, 32, true},
    {"check", "grade how a client handles each place where a connection can hang", cmd_check, 2, 32,
     true},
    {"extcap", "the wedges that run, for Wireshark, which shows their packets live", cmd_extcap, 2,
     8, false},
    {"answer", "whether a guess about a blind run is right, and why", cmd_answer, 2, 0, false},
    {"analyze", "why the connections of a capture stood still", cmd_analyze, 2, 0, false},
    {"list", "the catalogue of documented failures", cmd_list, 2, 0, false},
    {"show", "one failure: its story, source, numbers and parameters", cmd_show, 2, 0, false},
    {"workloads", "the built-in clients and servers with their parameters", cmd_workloads, 2, 0,
     false},
#endif
#ifdef WEDGE_IMPAIRMENTS
    {"impairments", "every impairment with its parameters", cmd_impairments, 2, 0, false},
#endif
    {"proxy", "forward connections, faithfully or impaired", run_proxy, 2, 16, true},
    {"serve", "wait for clients of an API that make proxies (Toxiproxy's)", run_serve, 2, 16, true},
    {"exec", "run one command with all its connections through wedge", run_exec, 125, 24, true},
};

/* By which the program may be called instead of wedge. */
static const struct command other_names[] = {
    {"wedge-toxiproxy", "Toxiproxy's server", run_toxiproxy, 2, 16, true},
#ifdef WEDGE_SCENARIOS
    {"wedge-extcap", "what Wireshark starts in its folder", cmd_extcap, 2, 8, false},
#endif
};

static void print_help(FILE *out)
{
	fputs("usage: wedge COMMAND [ARGUMENT...]\n\n"
	      "wedge sits between clients and servers, injects documented faults and measures what "
	      "both ends see.\n\ncommands:\n",
	      out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].summary);
	fputs("\n'wedge help COMMAND' or 'wedge COMMAND --help' tells more; 'wedge version' prints "
	      "the "
	      "version.\n",
	      out);
}

static int unknown_command(const char *name)
{
	const char *names[ARRAY_LEN(commands) + 1] = {NULL};
	const char *near;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		names[i] = commands[i].name;
	near = nearest_name(name, names);
	if (near)
		err_set(&e, "'%s' is no command; did you mean '%s'?", name, near);
	else
		err_set(&e, "'%s' is no command; 'wedge --help' lists them", name);
	fprintf(stderr, "wedge: %s\n", e.text);
	return 2;
}

static int find_too_few(const struct command *c)
{
	struct err e;

	if (descriptors_need(c->descriptors, &e) == 0)
		return 0;
	fprintf(stderr, "wedge: %s: %s\n", c->name, e.text);
	return -1;
}

static int start_command(const struct command *c, int argc, char **argv, int *failed)
{
	*failed = c->failed;
	if (find_too_few(c) == -1)
		return *failed;
	if (c->lasts)
		standard_streams_relay();
	return c->run(argc, argv);
}

static int run_command(const char *name, int argc, char **argv, int *failed)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(name, commands[i].name) == 0)
			return start_command(&commands[i], argc, argv, failed);
	}
	return unknown_command(name);
}

static int print_general_help(void)
{
	print_help(stdout);
	return 0;
}

/* "wedge help run" is "wedge run --help". */
static int help_command(char *name, int *failed)
{
	char option[] = "--help";
	char *argv[] = {name, option, NULL};

	return run_command(name, 2, argv, failed);
}

/* *failed: the status where what was written is incomplete. */
static int read_command(int argc, char **argv, int *failed)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;

	*failed = 2;
	for (size_t i = 0; argc && i < ARRAY_LEN(other_names); i++)
		if (strcmp(slash ? slash + 1 : argv[0], other_names[i].name) == 0)
			return start_command(&other_names[i], argc, argv, failed);
	if (argc < 2) {
		print_help(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_general_help();
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
		puts("wedge " WEDGE_VERSION);
		return 0;
	}
	if (strcmp(argv[1], "help") == 0)
		return argc == 2 ? print_general_help() : help_command(argv[2], failed);
	return run_command(argv[1], argc - 1, argv + 1, failed);
}

int main(int argc, char **argv)
{
	int failed, status;

	descendants_begin();
	mem_serve_libraries();
	tls_serve_memory();
	standard_streams_begin();
	status = read_command(argc, argv, &failed);
	return standard_streams_end(status, failed);
}

/* analyze_args.c - the table of options, and what doesn't go together. */
#include "scenarios/cli/analyze_args.h"

#include "proxy/base/units.h"

#include <string.h>

#define WAITS	10 /* of a ladder */
#define TOP_MAX 1000000

static int add_network(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_add_network(&a->selection, value, e);
}

static int add_port(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_add_port(&a->selection, value, e);
}

static int set_connection(void *args, const struct option_row *row, const char *value,
			  struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_set_connection(&a->selection, value, e);
}

static int set_since(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_set_moment(&a->selection.since, value, e);
}

static int set_until(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_set_moment(&a->selection.until, value, e);
}

static int set_top(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	if (parse_count(value, &a->top, e) == -1)
		return -1;
	if (a->top < 1 || a->top > TOP_MAX)
		return err_set(e, "'%s' is out of range; 1 to %d is accepted", value, TOP_MAX);
	return 0;
}

static int set_from(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	if (strcmp(value, "client") == 0)
		a->from = VANTAGE_CLIENT;
	else if (strcmp(value, "server") == 0)
		a->from = VANTAGE_SERVER;
	else
		return err_set(e, "'%s' is not accepted; client or server is", value);
	return 0;
}

static const struct option_row analyze_rows[] = {
    O_WORD("catalog", "DIR", struct analyze_args, catalog,
	   .help = "compare with the signatures of the YAML files of DIR\n"
		   "instead of the built-in catalogue's"),
    O_CALL("address", "ADDR[/LEN]", add_network, .repeats = true,
	   .help = "only connections with an end there; repeatable"),
    O_CALL("port", "PORT", add_port, .repeats = true,
	   .help = "only connections with an end at that port; repeatable"),
    O_CALL("connection", "N", set_connection,
	   .help = "only the connection of that number (tcp.stream), and its packets as a\n"
		   "ladder: those that prove its waits"),
    O_CALL("since", "TIME", set_since,
	   .help = "only what happened from then on: 90s after the first packet,\n"
		   "'2026-11-29 14:30:00' (local), 2026-11-29T14:30:00Z, @1764426600.5"),
    O_CALL("until", "TIME", set_until, .help = "only what happened up to then"),
    O_CALL("from", "client|server", set_from,
	   .help = "the side on which the capture was taken, which is judged otherwise; of\n"
		   "a capture with both legs of wedge's connections: about that leg alone"),
    O_CALL("top", "N", set_top,
	   .help = "this many causes, servers and connections, or waits of a ladder\n"
		   "(usual: up to 10; JSON: 100 connections)"),
    O_WORD("fit", "FILE", struct analyze_args, fit,
	   .help = "write a scenario that makes what the capture shows"),
    O_WORD("annotate", "OUT", struct analyze_args, annotate,
	   .help = "write the capture as pcapng with what was found as comments at the\n"
		   "packets that prove it, for Wireshark"),
    O_FLAG("json", struct analyze_args, json, .help = "JSON, as docs/analyze-format.md has it"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command analyze_command = {
    .name = "analyze",
    .tables = (const struct option_row *const[]){analyze_rows, NULL},
    .wording = OPTIONS_NEAREST,
    .help_before =
	"Usage: wedge analyze [OPTION]... CAPTURE [CAPTURE2]\n"
	"Says why the TCP connections of a capture stood still: each wait that is long\n"
	"enough to be felt, with one cause and the frames that prove it; and which\n"
	"documented failure of the catalogue that is, or nearly. CAPTURE is a\n"
	"pcap or pcapng file, packed by gzip or not; - is standard input. Two captures of\n"
	"one traffic, on both sides of a middlebox, or one with both legs of wedge's\n"
	"connections, say whose time each wait was.\n"
	"\n",
    .help_after = "\n"
		  "Exit status: 0; 2 when the capture can't be read, or not to its end, or when\n"
		  "there is no TCP in it.\n",
    .help_column = 24,
    .help_in_lines = true,
};

static int check_together(const struct analyze_args *a, struct err *e)
{
	const struct selection *s = &a->selection;

	if (a->fit &&
	    (s->nnetworks || s->nports || s->connection.given || s->since.given || s->until.given))
		return err_set(e, "--fit is about the whole capture; without --address, --port, "
				  "--connection, --since and --until");
	if (s->since.given && s->until.given && s->since.relative == s->until.relative &&
	    s->since.ns >= s->until.ns)
		return err_set(e, "--since is not before --until: no time is left");
	return 0;
}

int analyze_args_check_pair(const struct analyze_args *a, bool legs, struct err *e)
{
	const char *one = a->fit ? "fit" : a->selection.connection.given ? "connection" : NULL;

	if (legs && one)
		return err_set(e,
			       "--%s is about one leg, and the capture has both of wedge's "
			       "connections; --from client or --from server says which",
			       one);
	if (legs)
		return 0;
	if (one)
		return err_set(e,
			       "--%s is about the packets of one capture; give it with the one "
			       "that is meant alone",
			       one);
	if (a->annotate)
		return err_set(e, "--annotate writes a copy of one capture; give it with the one "
				  "that is meant alone");
	if (a->from)
		return err_set(e, "--from is for one capture; of two the handshakes tell which is "
				  "nearer to the client");
	return 0;
}

static int check_captures(int argc, char **argv, int first, struct err *e)
{
	if (first == argc)
		return err_set(e, "a capture is missing: wedge analyze FILE");
	if (first + 2 < argc)
		return err_set(e,
			       "'%s' is not expected here; one capture is, or two of one traffic",
			       argv[first + 2]);
	for (int i = first; i < argc; i++)
		if (!*argv[i])
			return err_set(e, "a capture's name is empty; a file's name is expected");
	return 0;
}

int analyze_args_parse(int argc, char **argv, struct analyze_args *a, struct err *e)
{
	int first = options_parse(&analyze_command, a, argc, argv, NULL, e);

	a->help = first == 0;
	if (first <= 0)
		return first;
	if (check_captures(argc, argv, first, e) == -1)
		return -1;
	a->captures[0] = argv[first];
	a->captures[1] = first + 1 < argc ? argv[first + 1] : NULL;
	if (check_together(a, e) == -1)
		return -1;
	return a->captures[1] ? analyze_args_check_pair(a, false, e) : 0;
}

void analyze_args_fini(struct analyze_args *a)
{
	selection_fini(&a->selection);
}

void analyze_help_print(FILE *out)
{
	options_print_help(&analyze_command, out);
}

size_t analyze_args_waits(const struct analyze_args *a)
{
	return a->top ? (size_t)a->top : WAITS;
}

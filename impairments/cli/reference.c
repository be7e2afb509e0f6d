/* reference.c - docs/impairments.md: the words, the rules for all, and one section a kind, from the
 * parameter tables. */
#include "impairments/cli/reference.h"

#include "impairments/set/registry.h"
#include "impairments/set/set_parse.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 110 };

static const char opening[] =
    "# Impairments\n"
    "\n"
    "<!-- Written by 'wedge impairments --markdown' from the parameter tables. Change those, then\n"
    "     'cmake --build BUILD --target docs'; a test compares. -->\n"
    "\n"
    "Everything that wedge can make go wrong, what each of it is on the wire, and what happens to\n"
    "what it holds when it is changed, switched off or taken away. `wedge impairments NAME` "
    "prints\n"
    "a section.\n"
    "\n"
    "One is written `stall{after=10KB,for=30s}` on the command line (`wedge proxy --impair`, in\n"
    "quotes), and `{stall: {after: 10KB, for: 30s}}` in a YAML list. Several act in the order in\n"
    "which they are given, each on what the one before lets through; the same kind may be there\n"
    "more than once. In the direction upstream a later one is nearer to the server, downstream\n"
    "nearer to the client.\n"
    "\n"
    "- The **stream plane** has the bytes that wedge carries from one socket to the other, and "
    "the\n"
    "  FIN or RST behind them: they pass the same impairments in the same order, so that nothing\n"
    "  overtakes. It needs sessions that wedge terminates.\n"
    "- The **packet plane** has the segments of those sessions' connections, on the leg to the\n"
    "  client, to the server or both, or of connections that wedge only forwards. These have one\n"
    "  leg, and naming it is an error.\n"
    "\n"
    "Values: durations `250us`, `200ms`, `1.5s`, `2m`, `1h`, `1d`; sizes `180B` or `180`, `10KB`\n"
    "(1000), `16KiB` (1024), `2MB`, `1GiB`; rates `1000kB/s`, `2MiB/s`, `8Mbit/s`; fractions `5%`\n"
    "or `0.05`. What is out of its range is refused before anything runs, with the range.\n"
    "\n";

static const char words[] =
    "## The words\n"
    "\n"
    "They mean the same wherever they are used, in names, parameters, journal and reports.\n"
    "\n"
    "| word | the bytes | what the ends see |\n"
    "| --- | --- | --- |\n"
    "| **stall** | are kept, all of them, in order | the receiver silence; the sender, when what "
    "may be kept is full, a zero window |\n"
    "| **drop** | are eaten, and the journal says how many | the sender sees them acknowledged, "
    "the "
    "receiver a stream without them |\n"
    "| **cut** | before it arrive, those after it are eaten | a FIN: the stream ends too early, in "
    "good order |\n"
    "| **reset** | not yet delivered are lost | an RST: the connection is gone at once |\n"
    "| **vanish** | pass no more, in either direction | silence, no FIN and no RST: only timers of "
    "their own tell the ends |\n"
    "\n"
    "Neither plane changes into another one's word: a stall doesn't become a drop when it is "
    "removed,\nand what was dropped doesn't come back.\n"
    "\n";

static const char in_flight[] =
    "## What happens to what is held\n"
    "\n"
    "A change of a running impairment (the configuration read again, its window or schedule over)\n"
    "never waits for anybody, however many sessions it holds. Each section says what its kind "
    "does;\n"
    "these rules hold for all:\n"
    "\n"
    "- **Disabled**, or its window ends: it acts on no byte or packet that comes later. What it "
    "held\n"
    "  goes on at once, in order, the FIN or RST behind it. If the receiver doesn't read, it waits "
    "for\n"
    "  that receiver alone, as without wedge.\n"
    "- **Removed**: the same, and its place in the order is gone.\n"
    "- **Changed**: what it holds is judged by the new parameters, as if they had been there when "
    "it\n"
    "  came; what that makes overdue goes on at once.\n"
    "- **Done is done**: a FIN or RST that was sent, a byte that was eaten or changed, a packet "
    "that\n"
    "  was lost are not undone by any of these.\n"
    "- **Nothing is early**, and nothing overtakes but where a kind says that it reorders.\n"
    "- **What may be held is bounded.** On the stream plane a flow holds 256 KiB, or what its "
    "kind\n"
    "  says; then its source isn't read, and the sender meets a zero window.\n"
    "\n"
    "Every decision is in the journal, with the session, the instance and the cause.\n"
    "\n";

static const char impersonated[] =
    "## Who seems to do it\n"
    "\n"
    "Each section says whom its kind *impersonates*: whom somebody who reads a capture takes for "
    "the\n"
    "cause. What the **network** does (loss, delay, reorder, duplicate) is seen for what it is: a\n"
    "packet that comes late has the time stamp of when it was sent, and the IP ID of one that is\n"
    "lost is missing. What a **host** does is as that host would have done it:\n"
    "\n"
    "- A packet that is held leaves with the time stamp (RFC 7323) of the moment at which it "
    "leaves,\n"
    "  by that host's own clock, whose rate is measured from its packets. Until then it is taken "
    "for\n"
    "  1000 ticks a second, or 10 where a hop limit above 64 says Windows, and for less as soon "
    "as\n"
    "  its packets show that. TSval never goes back, and once the rate is known it is never ahead "
    "of\n"
    "  what the host will send next, though wedge or the way here be late by up to half a second;\n"
    "  a faster rate is believed after about the same time, and what is held till then is a bit "
    "old.\n"
    "  TSecr stays.\n"
    "- Where the host counts its IP IDs on a connection, as Linux does, a packet that is held, "
    "taken\n"
    "  out or added leaves no hole there. IDs of 0 and random ones stay.\n"
    "- What wedge makes in its name has the hop limit, DSCP and flow label of its last packet; an "
    "RST\n"
    "  has ID 0 where the host is taken for a Linux by its hop limit, as from a host without a\n"
    "  socket for it.\n"
    "- Checksums are mended, and never 0xffff for 0.\n"
    "\n"
    "A packet above 1500 bytes, as on loopback, may be one that the queue hands over in part: it\n"
    "keeps its marks, and there the IDs begin anew.\n"
    "\n";

static const char common[] =
    "## Parameters that all have\n"
    "\n"
    "On whom it acts, and when. They have their defaults unless they are given; what a kind can't\n"
    "have is refused, with the reason. How they work together is told in "
    "[triggers.md](triggers.md).\n"
    "\n";

static const char table_head[] =
    "| parameter | accepts | default | meaning |\n| --- | --- | --- | --- |\n";

const char *reference_plane(const struct impairment *im)
{
	return im->packet ? "packet" : "stream";
}

static const char *leg_default(const struct impairment *im)
{
	static const char *const names[] = {
	    [IMPAIR_LEG_CLIENT] = "client",
	    [IMPAIR_LEG_SERVER] = "server",
	    [IMPAIR_LEG_BOTH] = "both",
	    [IMPAIR_LEG_RECEIVING] = "the leg on which wedge receives the data",
	    [IMPAIR_LEG_SENDING] = "the leg on which wedge sends the data",
	};

	return names[im->default_leg];
}

bool reference_has(const struct impairment *im, const struct param *row)
{
	if (param_find(im->params, row->name))
		return false; /* the kind's own */
	if (strcmp(row->name, "leg") == 0)
		return im->packet != NULL;
	if (strcmp(row->name, "direction") == 0)
		return !impairment_lacks_direction(im);
	return true;
}

const char *reference_default(const struct impairment *im, const struct param *p)
{
	if (im && strcmp(p->name, "leg") == 0 && !param_find(im->params, "leg"))
		return leg_default(im);
	return p->def ? p->def : "required";
}

/* Words on lines of about WIDTH columns. A line begins with a letter, so that none turns into a
 * list or a heading. */
static void print_text(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " \n");

		if (column && column + 1 + n > WIDTH && isalpha((unsigned char)*text)) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%.*s", column ? " " : "", (int)n, text);
		text += n;
		if (*text == '\n') {
			putchar('\n');
			column = 0;
		}
		text += *text != '\0';
	}
	fputs("\n\n", stdout);
}

/* Text for a cell of a table. */
static void print_cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void print_row(const struct param *p, const char *def)
{
	char accepts[PARAM_ACCEPTS];

	param_accepts(p, accepts, sizeof(accepts));
	printf("| `%s` | ", p->name);
	print_cell(accepts);
	fputs(" | ", stdout);
	print_cell(*def ? def : "none");
	fputs(" | ", stdout);
	print_cell(p->help);
	puts(" |");
}

static void print_common(void)
{
	fputs(common, stdout);
	fputs(table_head, stdout);
	for (const struct param *p = impair_common_params; p->name; p++)
		print_row(p, strcmp(p->name, "leg") == 0 ? "the kind's own"
							 : reference_default(NULL, p));
	putchar('\n');
}

static void print_kinds(const char *plane)
{
	printf("## The %s plane\n\n| kind | what it does |\n| --- | --- |\n", plane);
	for (size_t i = 0; impairment_kinds[i]; i++) {
		const struct impairment *im = impairment_kinds[i];

		if (strcmp(reference_plane(im), plane) != 0)
			continue;
		printf("| [%s](#%s) | ", im->name, im->name);
		print_cell(im->summary);
		puts(" |");
	}
	putchar('\n');
}

/* What of the common parameters is the kind's own way. */
static void print_scope(const struct impairment *im)
{
	printf("*%c%s plane", toupper((unsigned char)*reference_plane(im)),
	       reference_plane(im) + 1);
	if (im->packet)
		printf("; leg when not given: %s", leg_default(im));
	if (im->both_flows)
		fputs("; both directions, none can be chosen", stdout);
	if (im->accept && !im->stream)
		fputs("; decided when a client is accepted", stdout);
	if (im->shared_size && !im->shares)
		fputs("; has state across the sessions of its proxy", stdout);
	fputs(".*\n\n", stdout);
}

static void print_impersonated(const struct impairment *im)
{
	char text[1024];

	snprintf(text, sizeof(text), "*Impersonates* %s.", im->impersonates);
	print_text(text);
}

static void print_kind(const struct impairment *im)
{
	printf("### %s\n\n", im->name);
	printf("%c%s.\n\n", toupper((unsigned char)*im->summary), im->summary + 1);
	print_scope(im);
	print_text(im->doc);
	print_impersonated(im);
	if (im->params->name) {
		fputs(table_head, stdout);
		for (const struct param *p = im->params; p->name; p++)
			print_row(p, reference_default(im, p));
		putchar('\n');
	}
	printf("    %s\n", im->example);
}

static void print_plane(const char *plane)
{
	print_kinds(plane);
	for (size_t i = 0; impairment_kinds[i]; i++) {
		if (strcmp(reference_plane(impairment_kinds[i]), plane) != 0)
			continue;
		print_kind(impairment_kinds[i]);
		if (impairment_kinds[i + 1])
			putchar('\n');
	}
}

void reference_markdown(const struct impairment *only)
{
	if (only) {
		print_kind(only);
		return;
	}
	fputs(opening, stdout);
	fputs(words, stdout);
	fputs(in_flight, stdout);
	fputs(impersonated, stdout);
	print_common();
	print_plane("stream");
	print_plane("packet");
}

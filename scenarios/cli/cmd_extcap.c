/* cmd_extcap.c - "wedge extcap": Wireshark's protocol for programs that capture for it, extcap(4).
 * Its options and the lines on standard output are Wireshark's. */
#include "scenarios/cli/commands.h"

#include "proxy/base/mem.h"
#include "proxy/base/options.h"
#include "proxy/base/version.h"
#include "scenarios/base/pcapng.h"
#include "scenarios/live/live_watch.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define INTERFACE "wedge-" /* before the number of the wedge's process */

struct extcap_args {
	const char *version, *interface, *filter, *fifo;
	bool interfaces, dlts, config, capture;
};

static const struct option_row extcap_rows[] = {
    O_FLAG("extcap-interfaces", struct extcap_args, interfaces,
	   .help = "list the wedges of this user that run, an interface each"),
    O_WORD("extcap-version", "VERSION", struct extcap_args, version,
	   .help = "Wireshark's version, which makes no difference"),
    O_WORD("extcap-interface", "NAME", struct extcap_args, interface,
	   .help = "the interface that the other options are about"),
    O_FLAG("extcap-dlts", struct extcap_args, dlts, .help = "tell its link-layer header"),
    O_FLAG("extcap-config", struct extcap_args, config, .help = "tell its options: none"),
    O_FLAG("capture", struct extcap_args, capture, .help = "capture until it, or the reader, ends"),
    O_WORD("fifo", "FILE", struct extcap_args, fifo,
	   .help = "the pipe that packets are written into; -: standard output"),
    O_WORD("extcap-capture-filter", "FILTER", struct extcap_args, filter,
	   .help = "show only packets that match (pcap-filter(7)); without --capture:\n"
		   "say what is wrong with it"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command extcap_command = {
    .name = "extcap",
    .tables = (const struct option_row *const[]){extcap_rows, NULL},
    .wording = OPTIONS_PLAIN,
    .help_before = "Usage: wedge extcap OPTION...\n"
		   "Shows the wedges of this user that run in Wireshark and tshark, which start "
		   "it\n"
		   "themselves (docs/captures.md): what passes, as it passes, with comments that "
		   "tell\n"
		   "what wedge did. A terminal has it as\n"
		   "\n"
		   "  wedge extcap --extcap-interfaces\n"
		   "  wedge extcap --capture --extcap-interface wedge-PID --fifo - | tshark -r -\n"
		   "\n",
    .help_after = "\n"
		  "Exit status: 0, or 2 when there is no such wedge, or its packets can't be "
		  "captured.\n",
    .help_column = 34,
    .help_in_lines = true,
};

/* A sentence's end in braces would be read as one of the line's. */
static void print_plain(const char *text)
{
	for (; *text; text++)
		putchar(strchr("{}", *text) ? '_' : *text);
}

static void print_interface(void *arg, const struct live_wedge *w)
{
	(void)arg;
	if (*w->why) {
		fprintf(stderr, "wedge: process %s isn't listed: %s\n", w->name, w->why);
		return;
	}
	printf("interface {value=" INTERFACE "%s}{display=wedge: ", w->name);
	print_plain(*w->what ? w->what : "no proxy");
	printf(" (%s)}\n", w->name);
}

/* Without a folder there is none that runs. */
static int list_interfaces(void)
{
	struct err why;

	printf("extcap {version=" WEDGE_VERSION "}{display=wedge}\n");
	if (live_wedges(print_interface, NULL, &why) == -1)
		fprintf(stderr, "wedge: no wedge is found: %s\n", why.text);
	return 0;
}

static const char *wedge_of(const struct extcap_args *a, struct err *e)
{
	if (a->interface && strncmp(a->interface, INTERFACE, strlen(INTERFACE)) == 0)
		return a->interface + strlen(INTERFACE);
	err_set(e, a->interface ? "'%s' is no interface of wedge's" : "no --extcap-interface%s",
		a->interface ? a->interface : "");
	return NULL;
}

/* Wireshark shows what is on standard output as what is wrong. */
static int check_filter(const char *text)
{
	struct err why;

	if (live_filter_check(text, &why) == -1)
		puts(why.text);
	return 0;
}

static int capture_into(const struct extcap_args *a, const char *name, struct err *e)
{
	bool inherited = strcmp(a->fifo, "-") == 0;
	const char *filter = a->filter && *a->filter ? a->filter : NULL;
	int fd, rc;

	signal(SIGPIPE, SIG_IGN);
	fd = inherited ? STDOUT_FILENO : open(a->fifo, O_WRONLY | O_CLOEXEC);
	rc = fd == -1 ? err_errno(e, "%s", a->fifo) : live_watch(name, filter, fd, e);
	if (fd != -1 && !inherited)
		close(fd);
	return rc;
}

static int run_extcap(const struct extcap_args *a, struct err *e)
{
	const char *name;

	if (a->interfaces)
		return list_interfaces();
	name = wedge_of(a, e);
	if (!name)
		return -1;
	if (a->capture && !a->fifo)
		return err_set(e, "--capture needs --fifo FILE");
	if (a->capture)
		return capture_into(a, name, e);
	if (a->dlts)
		printf("dlt {number=%d}{name=LINUX_SLL2}{display=Linux cooked-mode capture v2}\n",
		       PCAPNG_LINKTYPE_LINUX_SLL2);
	else if (a->filter && !a->config)
		return check_filter(a->filter);
	else if (!a->config)
		return err_set(e, "nothing to do; --help tells what there is");
	return 0;
}

int cmd_extcap(int argc, char **argv)
{
	struct extcap_args a = {.version = NULL};
	struct err e = {""};
	int rc = options_parse(&extcap_command, &a, argc, argv, NULL, &e);

	if (rc == 0) {
		options_print_help(&extcap_command, stdout);
		return 0;
	}
	if (rc > 0 && rc < argc)
		rc = err_set(&e, "'%s' is not expected here", argv[rc]);
	if (rc > 0)
		rc = run_extcap(&a, &e);
	if (rc == -1)
		fprintf(stderr, "wedge: extcap: %s\n", e.text);
	return rc == -1 ? 2 : 0;
}

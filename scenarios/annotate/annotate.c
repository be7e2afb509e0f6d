/* annotate.c - the last pass over a report folder: reads the journal once, phase by phase, and has
 * the captures of each rewritten. */
#include "scenarios/annotate/annotate.h"

#include "proxy/base/mem.h"
#include "scenarios/annotate/capture_file.h"
#include "scenarios/annotate/event_place.h"
#include "scenarios/annotate/journal_lines.h"
#include "scenarios/base/figure_text.h"

#include <string.h>
#include <unistd.h>

#define KEYLOG_BYTES_MAX (16u << 20)
/* Larger files are no help to people in Wireshark, and cost disk. */
#define BOTH_BYTES_MAX	 (256u << 20)

struct pass {
	struct result *result;
	const char *folder;
	struct mapped keylog;
	/* The phase that is being read: */
	struct result_phase *phase; /* NULL: none, or its captures can't be rewritten */
	struct annotation a;
	struct mapped raw[LEG_COUNT];
	struct err *e; /* the first thing that went wrong */
	bool failed;
};

static void note_failure(struct pass *p, const char *name, const struct err *why)
{
	if (!p->failed)
		err_set(p->e, "%s is left without comments: %s", name, why->text);
	p->failed = true;
}

static const char *capture_name(const struct result_phase *phase, enum leg leg)
{
	return leg == LEG_CLIENT ? phase->client_capture : phase->server_capture;
}

static void leave_phase(struct pass *p)
{
	annotation_free(&p->a);
	p->a = (struct annotation){.placed = 0};
	for (int leg = 0; leg < LEG_COUNT; leg++)
		mapped_close(&p->raw[leg]);
	p->phase = NULL;
}

static int open_leg(struct pass *p, enum leg leg, struct err *e)
{
	char *path = xasprintf("%s/%s", p->folder, capture_name(p->phase, leg));
	int rc = mapped_open(&p->raw[leg], path, e);

	free(path);
	if (rc == 0)
		rc = wire_index_read(&p->a.wire[leg], place_leg(p->result->place, leg),
				     p->raw[leg].data, p->raw[leg].len, e);
	return rc;
}

static void enter_phase(struct pass *p, const char *name)
{
	struct err why = {""};

	for (size_t i = 0; i < p->result->nphases; i++)
		if (strcmp(p->result->phases[i].name, name) == 0)
			p->phase = &p->result->phases[i];
	if (!p->phase || !p->phase->client_capture || !p->phase->server_capture) {
		p->phase = NULL; /* the phase never came to an end */
		return;
	}
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		if (open_leg(p, leg, &why) == -1) {
			note_failure(p, capture_name(p->phase, leg), &why);
			leave_phase(p);
			return;
		}
}

static void add_note(struct result *r, char *text)
{
	r->notes = xrealloc(r->notes, r->nnotes + 1, sizeof(char *));
	r->notes[r->nnotes++] = text;
}

static int write_capture(struct pass *p, const char *name, const struct capture_source *sources,
			 size_t n, const char *section)
{
	char *path = xasprintf("%s/%s", p->folder, name);
	struct err why = {""};
	int rc = capture_file_write(path, sources, n, section, &p->keylog, &why);

	if (rc == -1)
		note_failure(p, name, &why);
	free(path);
	return rc;
}

static void write_phase(struct pass *p)
{
	struct capture_source sources[LEG_COUNT];
	char events[COUNT_TEXT];
	char *section =
	    xasprintf("The comments tell what wedge did at these packets: %s of "
		      "journal.jsonl; %zu matched no packet. Packets and time stamps are "
		      "as captured.",
		      count_text(p->a.placed, "event", events), p->a.missed);

	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		comments_sort(&p->a.comments[leg]);
		sources[leg] = (struct capture_source){p->raw[leg], &p->a.comments[leg]};
		if (write_capture(p, capture_name(p->phase, leg), &sources[leg], 1, section) == -1)
			goto out;
	}
	/* When forwarded or transparent, both captures show the same addresses, and outside of a
	 * wedge that is in a host the same packets: in one file they would look like
	 * retransmissions. */
	if (!p->a.one_tuple && p->result->place == PLACE_PATH &&
	    p->raw[LEG_CLIENT].len + p->raw[LEG_SERVER].len <= BOTH_BYTES_MAX) {
		char *name = xasprintf("%s.pcapng", p->phase->name);

		if (write_capture(p, name, sources, LEG_COUNT, section) == 0)
			p->phase->capture = name;
		else
			free(name);
	}
	if (p->a.missed)
		add_note(p->result,
			 xasprintf("%s: %s of the journal %s no packet of the captures",
				   p->phase->name, count_text(p->a.missed, "event", events),
				   p->a.missed == 1 ? "matches" : "match"));
out:
	free(section);
}

static void end_phase(struct pass *p)
{
	if (p->phase)
		write_phase(p);
	leave_phase(p);
}

static void take_line(void *arg, const json_t *line, int64_t wall_ns)
{
	const char *event = journal_line_text(line, "event");
	struct pass *p = arg;

	/* The captures end with the phase; of what follows they have nothing. */
	if (strcmp(event, "journal") == 0 || strcmp(event, "phase_end") == 0)
		end_phase(p);
	else if (strcmp(event, "phase") == 0)
		enter_phase(p, journal_line_text(line, "phase"));
	else if (p->phase && *event && wall_ns >= 0)
		annotation_take(&p->a, line, wall_ns);
}

static int read_journal(struct pass *p, const char *path)
{
	FILE *f = fopen(path, "re");

	if (!f)
		return err_errno(p->e, "the journal '%s'", path);
	journal_lines(f, take_line, p);
	end_phase(p);
	fclose(f);
	return 0;
}

int annotate_report(struct result *r, const char *folder, struct err *e)
{
	struct pass p = {.result = r, .folder = folder, .e = e};
	char *journal = xasprintf("%s/journal.jsonl", folder);
	char *keylog = xasprintf("%s/" REPORT_KEYLOG, folder);
	int rc = 0;

	if (access(keylog, F_OK) == 0)
		rc = mapped_open(&p.keylog, keylog, e);
	if (p.keylog.len > KEYLOG_BYTES_MAX)
		rc = err_set(e, "it is larger than %u bytes", KEYLOG_BYTES_MAX);
	if (rc == -1)
		err_wrap(e, "the captures are left without comments: " REPORT_KEYLOG);
	if (rc == 0)
		rc = read_journal(&p, journal);
	mapped_close(&p.keylog);
	free(journal);
	free(keylog);
	return rc == -1 || p.failed ? -1 : 0;
}

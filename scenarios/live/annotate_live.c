/* annotate_live.c - two passes over the journal: the first learns the connections by which packets
 * part into legs, the second puts the comments. */
#include "scenarios/live/annotate_live.h"

#include "proxy/base/mem.h"
#include "scenarios/annotate/capture_file.h"
#include "scenarios/annotate/event_place.h"
#include "scenarios/annotate/journal_lines.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/base/unnamed_file.h"
#include "scenarios/live/legs.h"

#include <string.h>
#include <unistd.h>

struct pass {
	const char *path;
	FILE *journal;
	struct mapped keylog;
	uint64_t lost;
	struct mapped leg[LEG_COUNT]; /* raw */
	size_t legs;		      /* that are there: the client's, or both */
	bool redirected;
	struct annotation a;
};

/* Learns the connections that one raw capture may show. */
struct learner {
	struct legs *legs;
	bool of[LEG_COUNT]; /* it is of these legs */
	bool outside;	    /* and of the network that the others aren't in */
};

static void learn_line(void *arg, const json_t *line, int64_t wall_ns)
{
	const struct learner *l = arg;
	struct connection_line c;

	(void)wall_ns;
	if (!journal_connection_line(line, &c) || c.outside != l->outside)
		return;
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		c.leg[leg] &= l->of[leg];
	if (c.leg[LEG_CLIENT] || c.leg[LEG_SERVER])
		legs_learn(l->legs, &c);
}

static void take_line(void *arg, const json_t *line, int64_t wall_ns)
{
	struct pass *p = arg;

	if (wall_ns >= 0)
		annotation_take(&p->a, line, wall_ns);
}

/* Writes one leg's packets to a file without a name, and indexes them. */
static int part_leg(struct pass *p, const struct legs *l, enum leg leg, const struct mapped *raw,
		    struct err *e)
{
	int fd = unnamed_file(p->path, e), rc;

	if (fd == -1)
		return -1;
	rc = legs_write(l, leg, raw, p->lost == 0, fd, e);
	if (rc == 0)
		rc = mapped_file(&p->leg[leg], fd, e);
	close(fd);
	if (rc == 0)
		rc = wire_index_read(&p->a.wire[leg], leg, p->leg[leg].data, p->leg[leg].len, e);
	return rc;
}

static int part_raw(struct pass *p, const struct learner *of, int raw_fd,
		    struct live_summary *summary, struct err *e)
{
	struct learner learner = *of;
	struct mapped raw;
	int rc = mapped_file(&raw, raw_fd, e);

	learner.legs = legs_new();
	journal_lines(p->journal, learn_line, &learner);
	if (rc == 0)
		legs_part(learner.legs, &raw);
	p->redirected |= legs_are_redirected(learner.legs);
	for (enum leg leg = 0; leg < LEG_COUNT && rc == 0; leg++) {
		if (!of->of[leg])
			continue;
		rc = part_leg(p, learner.legs, leg, &raw, e);
		summary->packets[leg] = legs_packets(learner.legs, leg);
	}
	mapped_close(&raw);
	legs_free(learner.legs);
	return rc;
}

static int part_legs(struct pass *p, const int raw[LEG_COUNT], struct live_summary *summary,
		     struct err *e)
{
	static const struct learner both = {.of = {true, true}},
				    inside = {.of = {[LEG_CLIENT] = true}},
				    outside = {.of = {[LEG_SERVER] = true}, .outside = true};

	if (raw[LEG_CLIENT] == raw[LEG_SERVER])
		return part_raw(p, &both, raw[LEG_CLIENT], summary, e);
	if (part_raw(p, &inside, raw[LEG_CLIENT], summary, e) == -1)
		return -1;
	summary->no_server = raw[LEG_SERVER] == -1;
	if (!summary->no_server)
		return part_raw(p, &outside, raw[LEG_SERVER], summary, e);
	p->legs = LEG_SERVER;
	p->a.wire[LEG_SERVER].leg = LEG_SERVER;
	return 0;
}

char *live_leg_path(const char *path, enum leg leg)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	int stem = (int)(dot && dot != name ? dot - path : (ptrdiff_t)strlen(path));

	return xasprintf("%.*s-%s%s", stem, path, leg_name(leg), path + stem);
}

static char *section_text(const struct pass *p, bool both)
{
	char lost[96] = "", count[COUNT_TEXT];

	if (p->lost == UINT64_MAX)
		snprintf(lost, sizeof(lost), " The capture broke off.");
	else if (p->lost)
		snprintf(lost, sizeof(lost), " The capture lost %s of both legs.",
			 count_text(p->lost, "packet", count));
	return xasprintf("The comments tell what wedge did at these packets: %s; %zu "
			 "matched no packet. Packets and time stamps are as captured%s.%s%s%s",
			 count_text(p->a.placed, "event", count), p->a.missed,
			 p->redirected ? ", but redirected packets have the address that the "
					 "client wanted"
				       : "",
			 lost, p->legs < LEG_COUNT ? " The server leg isn't captured." : "",
			 both && p->a.one_tuple
			     ? " Both legs of a connection have the same addresses: what looks "
			       "sent again here is the other leg's. The files of one leg, "
			       "-client and -server, are for analysis."
			     : "");
}

static int write_legs(struct pass *p, const struct capture_source *sources, struct err *e)
{
	char *both = section_text(p, true), *one = section_text(p, false);
	int rc = capture_file_write(p->path, sources, p->legs, both, &p->keylog, e);

	if (rc == -1)
		err_wrap(e, "%s", p->path);
	for (enum leg leg = 0; leg < p->legs && rc == 0 && p->a.one_tuple; leg++) {
		char *path = live_leg_path(p->path, leg);

		rc = capture_file_write(path, &sources[leg], 1, one, &p->keylog, e);
		if (rc == -1)
			err_wrap(e, "%s", path);
		free(path);
	}
	free(both);
	free(one);
	return rc;
}

static int annotate_legs(struct pass *p, const struct live_files *files,
			 struct live_summary *summary, struct err *e)
{
	struct capture_source sources[LEG_COUNT];

	if (mapped_file(&p->keylog, files->secrets, e) == -1 ||
	    part_legs(p, files->raw, summary, e) == -1) {
		err_wrap(e, "%s", p->path);
		return -1;
	}
	journal_lines(p->journal, take_line, p);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		comments_sort(&p->a.comments[leg]);
		summary->comments += p->a.comments[leg].n;
		sources[leg] = (struct capture_source){p->leg[leg], &p->a.comments[leg]};
	}
	summary->missed = p->a.missed;
	summary->one_tuple = p->a.one_tuple;
	return write_legs(p, sources, e);
}

int annotate_live(const char *path, const struct live_files *files, uint64_t lost,
		  struct live_summary *summary, struct err *e)
{
	struct pass p = {.path = path, .lost = lost, .legs = LEG_COUNT};
	int fd = dup(files->journal), rc;

	*summary = (struct live_summary){.comments = 0};
	p.journal = fd == -1 ? NULL : fdopen(fd, "r");
	if (!p.journal)
		return err_errno(e, "the journal's copy");
	rc = annotate_legs(&p, files, summary, e);
	annotation_free(&p.a);
	for (int leg = 0; leg < LEG_COUNT; leg++)
		mapped_close(&p.leg[leg]);
	mapped_close(&p.keylog);
	fclose(p.journal);
	return rc;
}

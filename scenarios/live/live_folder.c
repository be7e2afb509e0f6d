/* live_folder.c - a phase's packets are read before the line with which the next one begins; what
 * has been read of files that are renamed or rewritten meanwhile stays what it was. */
#include "scenarios/live/live_folder.h"

#include "proxy/base/mem.h"
#include "scenarios/annotate/journal_lines.h"
#include "scenarios/live/live_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536

struct live_folder {
	int folder, journal;
	int capture[LEG_COUNT]; /* of the phase; -1: not there yet */
	char *phase;		/* NULL: none has begun */
	struct live_lines lines;
	struct live_view *view;
	struct pcapng_buf *out;
	struct err *e; /* during a read */
	bool failed;
};

struct live_folder *live_folder_new(int folder, struct live_view *v, struct pcapng_buf *out)
{
	struct live_folder *f = xcalloc(1, sizeof(*f));

	*f = (struct live_folder){
	    .folder = folder, .journal = -1, .capture = {-1, -1}, .view = v, .out = out};
	return f;
}

static void leave_phase(struct live_folder *f)
{
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		if (f->capture[leg] != -1)
			close(f->capture[leg]);
		f->capture[leg] = -1;
	}
	free(f->phase);
	f->phase = NULL;
}

void live_folder_free(struct live_folder *f)
{
	if (!f)
		return;
	leave_phase(f);
	if (f->journal != -1)
		close(f->journal);
	live_lines_free(&f->lines);
	free(f);
}

static void open_captures(struct live_folder *f)
{
	for (enum leg leg = 0; leg < LEG_COUNT && f->phase; leg++) {
		char *name = xasprintf("%s-%s.pcapng", f->phase, leg_name(leg));

		if (f->capture[leg] == -1 && !strchr(f->phase, '/'))
			f->capture[leg] =
			    openat(f->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		free(name);
	}
}

static int read_captures(struct live_folder *f)
{
	char data[READ_BYTES];
	ssize_t n;

	open_captures(f);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		while (f->capture[leg] != -1 && (n = read(f->capture[leg], data, sizeof(data))) > 0)
			if (live_view_packets(f->view, leg, data, (size_t)n, f->e) == -1)
				return -1;
	return 0;
}

static void take_line(void *arg, json_t *line, int64_t wall_ns)
{
	struct live_folder *f = arg;

	if (strcmp(journal_line_text(line, "event"), "phase") == 0) {
		f->failed |= read_captures(f) == -1;
		live_view_show(f->view, INT64_MAX, f->out);
		live_view_begin_again(f->view);
		leave_phase(f);
		f->phase = xstrdup(journal_line_text(line, "phase"));
	}
	live_view_line(f->view, line, wall_ns);
}

int live_folder_read(struct live_folder *f, struct err *e)
{
	char data[READ_BYTES];
	ssize_t n;

	f->e = e;
	if (f->journal == -1)
		f->journal = openat(f->folder, "journal.jsonl", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	while (f->journal != -1 && (n = read(f->journal, data, sizeof(data))) > 0)
		live_lines_take(&f->lines, data, (size_t)n, take_line, f);
	if (!f->failed)
		f->failed = read_captures(f) == -1;
	return f->failed ? -1 : 0;
}

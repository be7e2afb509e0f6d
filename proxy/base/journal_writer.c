/* journal_writer.c - the journal's own words for what is missing. */
#include "proxy/base/journal_writer.h"

#include "proxy/base/clock.h"
#include "proxy/base/journal.h"
#include "proxy/base/mem.h"
#include "proxy/base/own_file.h"
#include "proxy/base/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct journal_writer {
	struct writer *writer;
	char *path, *name;
	int64_t opened;
};

static char *gap_line(void *arg, unsigned long long lines, const char *why)
{
	const struct journal_writer *jw = arg;
	int64_t t = clock_now(&clock_monotonic) - jw->opened;

	return xasprintf("{\"t\":%" PRId64 ".%09" PRId64
			 ",\"event\":\"journal_lost\",\"lines\":%llu,\"why\":\"%s\"}\n",
			 t / NS_PER_S, t % NS_PER_S, lines, why);
}

static bool is_fifo(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* Without O_NONBLOCK a FIFO's opening waits for a reader; afterwards the writer may wait. */
static int open_output(const char *path, int *fd, struct err *e)
{
	if (own_file_check_append(path, &journal_kind, e) == -1)
		return -1;
	*fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
	if (*fd == -1 && errno == ENXIO && is_fifo(path))
		return 0;
	if (*fd == -1)
		return err_errno(e, "can't write the journal %s", path);
	fcntl(*fd, F_SETFL, O_APPEND);
	return 0;
}

static void free_journal_writer(struct journal_writer *jw)
{
	free(jw->path);
	free(jw->name);
	free(jw);
}

struct journal_writer *journal_writer_new(const char *path, struct err *e)
{
	struct journal_writer *jw = xcalloc(1, sizeof(*jw));
	struct writer_output o = {.gap = gap_line, .arg = jw, .fd = -1};

	jw->path = xstrdup(path);
	jw->name = xasprintf("the journal %s", path);
	jw->opened = clock_now(&clock_monotonic);
	o.name = jw->name;
	if (open_output(path, &o.fd, e) == 0) {
		o.fifo = o.fd == -1 || is_fifo(path) ? jw->path : NULL;
		jw->writer = writer_new(&o, e);
	}
	if (o.fd != -1)
		close(o.fd);
	if (jw->writer)
		return jw;
	free_journal_writer(jw);
	return NULL;
}

struct writer *journal_writer(struct journal_writer *jw)
{
	return jw->writer;
}

int journal_writer_end(struct journal_writer *jw, struct err *e)
{
	struct writer_losses l;

	if (!jw)
		return 0;
	l = writer_end(jw->writer);
	if (l.lines)
		err_set(e, "%s lacks %llu %s: %s", jw->name, l.lines,
			l.lines == 1 ? "line" : "lines", l.why);
	free_journal_writer(jw);
	return l.lines ? -1 : 0;
}

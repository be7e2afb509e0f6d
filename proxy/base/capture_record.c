/* capture_record.c - a failure leaves wedge at work, and is reported once more at the end. */
#include "proxy/base/capture_record.h"

#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"

#include <stdio.h>

/* A comment in a key log, and no object in a journal: readers skip it. */
static char *gap_line(void *arg, unsigned long long lines, const char *why)
{
	(void)arg;
	return xasprintf("# %llu %s lost here: %s\n", lines, lines == 1 ? "line is" : "lines are",
			 why);
}

static struct writer *new_writer(int fd, const char *name, struct err *e)
{
	const struct writer_output o = {.fd = fd, .name = name, .gap = gap_line};

	return writer_new(&o, e);
}

static int start_writers(struct capture_record *r, struct err *e)
{
	r->journal = new_writer(r->capture->journal, "the capture's copy of the journal", e);
	if (r->journal)
		r->secrets = new_writer(r->capture->secrets, "the capture's key log", e);
	return r->secrets ? 0 : -1;
}

/* Their files are whole once the writers have ended. Returns the lines that are missing. */
static unsigned long long end_writers(struct capture_record *r)
{
	unsigned long long lost = 0;

	if (r->journal)
		lost += writer_end(r->journal).lines;
	if (r->secrets)
		lost += writer_end(r->secrets).lines;
	return lost;
}

struct capture_record *capture_record_new(const struct capture_ops *ops, const char *path,
					  struct err *e)
{
	struct capture_record *r;
	struct capture *capture;

	if (!ops) {
		err_set(e, "capture: this wedge was built without scenarios/, which captures");
		return NULL;
	}
	capture = ops->open(path, e);
	if (!capture) {
		err_wrap(e, "capture");
		return NULL;
	}
	r = xcalloc(1, sizeof(*r));
	r->ops = ops;
	r->capture = capture;
	if (start_writers(r, e) == 0)
		return r;
	end_writers(r);
	ops->discard(capture);
	free(r);
	return NULL;
}

static void print_line(const char *before, const char *text)
{
	char *line = text_print_line(text);

	fprintf(stderr, "wedge: %s%s\n", before, line);
	free(line);
}

int capture_record_begin(struct capture_record *r, const struct capture_apart *apart, struct err *e)
{
	char *lacks = NULL;

	if (r->ops->start(r->capture, apart, &lacks, e) == -1)
		return err_wrap(e, "capture");
	if (lacks)
		print_line("capture: ", lacks);
	free(lacks);
	return 0;
}

int capture_record_await(struct capture_record *r, struct err *e)
{
	return r->ops->await(r->capture, e) == -1 ? err_wrap(e, "capture") : 0;
}

int capture_record_start(struct capture_record *r, const struct capture_apart *apart, struct err *e)
{
	return capture_record_begin(r, apart, e) == -1 ? -1 : capture_record_await(r, e);
}

bool capture_record_fails(struct capture_record *r, struct err *e)
{
	if (r->failed || r->ops->news(r->capture, e) == 0)
		return false;
	r->failed = true;
	return true;
}

int capture_record_finish(struct capture_record *r, bool keep, char **told, struct err *e)
{
	unsigned long long lost = end_writers(r);
	int rc = 0;

	*told = NULL;
	if (!keep)
		r->ops->discard(r->capture);
	else
		rc = r->ops->end(r->capture, told, e);
	if (rc == -1)
		err_wrap(e, "capture");
	else if (r->failed)
		rc = err_set(e, "capture: it broke off");
	else if (lost)
		rc = err_set(e, "capture: it lacks %llu %s of journal and key log", lost,
			     lost == 1 ? "line" : "lines");
	free(r);
	return rc;
}

int capture_record_end(struct capture_record *r, bool keep, struct err *e)
{
	char *told;
	int rc;

	if (!r)
		return 0;
	rc = capture_record_finish(r, keep, &told, e);
	if (told)
		print_line("", told);
	free(told);
	return rc;
}

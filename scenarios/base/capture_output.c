/* capture_output.c - the name comes by a link to the finished file. */
#include "scenarios/base/capture_output.h"

#include "proxy/base/mem.h"
#include "scenarios/base/pcapng_blocks.h"
#include "scenarios/base/unnamed_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool begins_capture(const char *start, size_t len)
{
	return pcapng_is_by((const uint8_t *)start, len, PCAPNG_APPLICATION);
}

const struct own_kind capture_kind = {.what = "a capture", .begins = begins_capture};

int capture_output_open(struct capture_output *o, const char *path, const struct own_kind *kind,
			struct err *e)
{
	*o = (struct capture_output){.path = path, .kind = kind};
	o->fd = named_later(path, &o->beside, e);
	return o->fd == -1 ? -1 : 0;
}

void capture_output_flush(struct capture_output *o, size_t at_least)
{
	size_t done = 0;

	if (o->buf.len < at_least)
		return;
	while (done < o->buf.len && !o->failed) {
		ssize_t n = write(o->fd, o->buf.data + done, o->buf.len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			o->failed = errno;
	}
	o->buf.len = 0;
}

static void free_output(struct capture_output *o)
{
	close(o->fd);
	free(o->beside);
	free(o->buf.data);
}

int capture_output_finish(struct capture_output *o, struct err *e)
{
	int rc;

	capture_output_flush(o, 0);
	errno = o->failed;
	if (o->failed) {
		rc = err_errno(e, "can't write it");
		capture_output_abandon(o);
		return rc;
	}
	if (!o->secret)
		own_file_set_mode(o->fd);
	rc = o->beside ? 0 : name_beside(o->fd, o->path, &o->beside, e);
	if (rc == 0 && own_file_replace(o->beside, o->path, o->kind, e) == -1)
		rc = err_wrap(e, "the capture is left in %s", o->beside);
	free_output(o);
	return rc;
}

void capture_output_abandon(struct capture_output *o)
{
	if (o->beside)
		unlink(o->beside);
	free_output(o);
}

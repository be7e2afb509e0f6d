/* diagnosis_script.c - the script becomes a file in memory, which is read as any capture is. */
#include "tests/rig/diagnosis_script.h"

#include "proxy/base/mem.h"

#include <unistd.h>

void diagnose(const char *script, struct diagnosis *d)
{
	char path[TRACE_PATH];
	struct err e = {""};
	struct trace t;
	int fd;

	trace_init(&t);
	trace_script(&t, script);
	fd = trace_open(t.buf.data, t.buf.len, path, &e);
	BUG_ON(fd == -1);
	BUG_ON(diagnosis_read(path, 10, d, &e) == -1);
	close(fd);
	trace_free(&t);
}

/* analyze_progress.c - one line that is written over. */
#include "scenarios/cli/analyze_progress.h"

#include "proxy/base/clock.h"
#include "proxy/base/standard_streams.h"
#include "proxy/base/units.h"

#include <stdio.h>

#define SILENT (2 * NS_PER_S)
#define EVERY  (NS_PER_S / 4)

void analyze_progress_begin(struct analyze_progress *p)
{
	p->wanted = standard_streams_terminal();
	p->began = clock_now(&clock_monotonic);
	p->next = p->began + SILENT;
	p->written = false;
}

void analyze_progress_show(void *progress, uint64_t done, uint64_t size)
{
	struct analyze_progress *p = progress;
	int64_t now = clock_now(&clock_monotonic);
	double elapsed = clock_seconds(now - p->began);
	char text[UNITS_TEXT];

	if (!p->wanted || now < p->next || !done)
		return;
	p->next = now + EVERY;
	p->written = true;
	standard_streams_erase_line(stderr);
	if (size)
		fprintf(stderr, "%.0f %% read, %.0f s left", 100.0 * (double)done / (double)size,
			elapsed * (double)(size - (done < size ? done : size)) / (double)done);
	else
		fprintf(stderr, "%s read", format_size(done >> 20 << 20, text));
	fflush(stderr);
}

void analyze_progress_end(struct analyze_progress *p)
{
	if (p->written)
		standard_streams_erase_line(stderr);
	p->written = false;
}

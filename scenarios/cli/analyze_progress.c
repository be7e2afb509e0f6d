/* analyze_progress.c - one line that is written over. */
#include "scenarios/cli/analyze_progress.h"

#include "proxy/base/clock.h"
#include "proxy/base/units.h"

#include <stdio.h>
#include <unistd.h>

#define SILENT	  (2 * NS_PER_S)
#define EVERY	  (NS_PER_S / 4)
#define ERASE_END "\x1b[K"

void analyze_progress_begin(struct analyze_progress *p)
{
	p->wanted = isatty(STDERR_FILENO);
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
	if (size)
		fprintf(stderr, "\r%.0f %% read, %.0f s left" ERASE_END,
			100.0 * (double)done / (double)size,
			elapsed * (double)(size - (done < size ? done : size)) / (double)done);
	else
		fprintf(stderr, "\r%s read" ERASE_END, format_size(done >> 20 << 20, text));
	fflush(stderr);
}

void analyze_progress_end(struct analyze_progress *p)
{
	if (p->written)
		fputs("\r" ERASE_END, stderr);
	p->written = false;
}

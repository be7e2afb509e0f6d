/* fuzz_capture.c - reader and analysis on any file that begins like a capture.
 * LAYER: wedge_analysis
 * ROUNDS: 600 of each seed. */
#include "scenarios/analysis/analysis.h"

#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/wedge-fuzz-XXXXXX";
	struct analysis *a = NULL;
	struct err e = {""};
	int fd = mkstemp(path);

	BUG_ON(fd == -1 || write(fd, data, size) != (ssize_t)size);
	close(fd);
	if (analysis_read(path, &a, &e) == -1)
		BUG_ON(!e.text[0]);
	analysis_free(a);
	unlink(path);
	return 0;
}

/* fuzz_scenario.c - the scenario loader on any file: loads it whole or refuses it in one line.
 * LAYER: wedge_scenario
 * ROUNDS: 1000 of each seed, since the whole catalogue is among them. */
#include "scenarios/scenario/scenario_load.h"

#include <string.h>
#include <unistd.h>

/* libfyaml 0.7.12 loses 512 bytes and more when it gives the text of a scalar in single quotes with
 * eight and more quotes in it (''): fy_token_get_text() alone does, without any of wedge's code. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/wedge-fuzz-XXXXXX.yaml";
	struct scenario *s = NULL;
	struct err e = {""};
	int fd = mkstemps(path, 5);

	BUG_ON(fd == -1 || write(fd, data, size) != (ssize_t)size);
	close(fd);
	if (scenario_load(path, NULL, size % 2, NULL, NULL, &s, &e) == -1)
		BUG_ON(!e.text[0] || strchr(e.text, '\n'));
	scenario_free(s);
	unlink(path);
	return 0;
}

/* fuzz_pcapng.c - the walker and copier of captures on any bytes: what it copies, it can read
 * again. LAYER: wedge_scenario_base */
#include "proxy/base/attrs.h"
#include "scenarios/base/pcapng_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pcapng_walk in = {.data = data, .len = size}, again;
	struct pcapng_buf out = {0};
	struct pcapng_block b;
	int got;

	while ((got = pcapng_next(&in, &b, NULL)) == 1)
		pcapng_copy(&out, &b, 0, "a comment");
	again = (struct pcapng_walk){.data = out.data, .len = out.len};
	while (out.len && pcapng_next(&again, &b, NULL) == 1)
		;
	BUG_ON(got == 0 && (again.at != out.len || again.packets != in.packets));
	free(out.data);
	return 0;
}

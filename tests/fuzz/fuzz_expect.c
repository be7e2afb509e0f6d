/* fuzz_expect.c - the expectation parser on any text: an expression or a reason.
 * LAYER: wedge_scenario */
#include "proxy/base/mem.h"
#include "scenarios/scenario/expect_parse.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xcalloc(1, size + 1);
	struct expect x = {0};
	struct err e = {""};

	memcpy(text, data, size);
	if (expect_parse(text, &x, NULL, NULL, &e) == 0)
		expect_free(&x);
	else
		BUG_ON(!e.text[0]);
	free(text);
	return 0;
}

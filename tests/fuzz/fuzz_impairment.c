/* fuzz_impairment.c - the parser of the command line's form on any text: an accepted impairment is
 * accepted again as it is printed.
 * LAYER: wedge_impairments_set */
#include "impairments/set/set_parse.h"
#include "proxy/base/mem.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct impairment_set *s = impairment_set_new(), *again = impairment_set_new();
	char *text = xcalloc(1, size + 1), *printed;
	struct err e = {""};

	memcpy(text, data, size);
	if (impairment_set_text(s, text, &e) == 0) {
		printed = impairment_set_describe(s);
		if (impairment_set_text(again, printed, &e) == -1) {
			fprintf(stderr, "%s: %s\n", printed, e.text);
			abort();
		}
		free(printed);
	} else {
		BUG_ON(!e.text[0]);
	}
	impairment_set_free(s);
	impairment_set_free(again);
	free(text);
	return 0;
}

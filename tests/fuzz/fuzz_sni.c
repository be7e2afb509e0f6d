/* fuzz_sni.c - the reader of server names on any bytes: in pieces of any size it has the same
 * answer as in one piece, and a name only when it has found one. LAYER: wedge_trigger */
#include "impairments/trigger/sni.h"
#include "proxy/base/attrs.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sni whole = {0}, pieces = {0};
	size_t at = 1, step;

	if (!size)
		return 0;
	step = data[0] + 1u;
	sni_feed(&whole, data + 1, size - 1);
	while (at < size) {
		size_t n = step < size - at ? step : size - at;

		sni_feed(&pieces, data + at, n);
		at += n;
		step = step % 7 + 1;
	}
	BUG_ON(whole.state != pieces.state || !whole.name != !pieces.name);
	BUG_ON(whole.name && strcmp(whole.name, pieces.name) != 0);
	BUG_ON((whole.state == SNI_FOUND) != (whole.name && *whole.name));
	BUG_ON(whole.state != SNI_MORE && whole.reading);
	sni_fini(&whole);
	sni_fini(&pieces);
	return 0;
}

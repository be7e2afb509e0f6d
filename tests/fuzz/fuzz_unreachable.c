/* fuzz_unreachable.c - ICMP on any bytes: stays inside them, and says two addresses of one family.
 * LAYER: wedge_packet */
#include "proxy/base/attrs.h"
#include "proxy/packet/unreachable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unreachable u;

	if (!unreachable_parse(&u, data, size))
		return 0;
	BUG_ON(u.src.sa.sa_family != u.dst.sa.sa_family);
	BUG_ON(u.src.sa.sa_family != u.from.sa.sa_family);
	BUG_ON(unreachable_errno(&u) <= 0);
	return 0;
}

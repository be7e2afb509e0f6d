/* fuzz_tcp_view.c - the packet parser on any bytes: stays inside them and says true things.
 * LAYER: wedge_packet */
#include "proxy/base/attrs.h"
#include "proxy/packet/tcp_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcp_view v;

	if (!tcp_view_parse(&v, data, size))
		return 0;
	BUG_ON(v.tcp < data || v.tcp + 20 > data + size);
	BUG_ON(v.tcp_len < v.payload_len);
	BUG_ON(tcp_is_pure_ack(&v) && tcp_seq_len(&v) != 0);
	return 0;
}

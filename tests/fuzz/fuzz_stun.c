/* fuzz_stun.c - STUN messages from any bytes: what is taken lies within them, and an address that
 * was read is written as it was. LAYER: wedge_workload */
#include "scenarios/workload/relay_access.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stun_message m, again;
	struct relay_access access = {.nonce = "nonce"};
	struct stun_draft d;
	ssize_t n = stun_parse(data, size, &m, NULL);

	BUG_ON(n > (ssize_t)size || n % 4 > 0);
	if (n > 0 && m.method != STUN_BINDING)
		BUG_ON(!relay_access_judge(&access, "p", data, &m));
	if (n <= 0 || !m.mapped.len)
		return 0;
	stun_begin(&d, m.method, m.class, m.id);
	stun_add_address(&d, STUN_XOR_MAPPED_ADDRESS, &m.mapped);
	BUG_ON(stun_parse(d.data, d.len, &again, NULL) != (ssize_t)d.len);
	BUG_ON(again.method != m.method || again.class != m.class ||
	       !addr_equal(&again.mapped, &m.mapped));
	return 0;
}

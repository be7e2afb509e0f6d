/* fuzz_tls_start.c - clear text before TLS, any bytes from both ends in pieces of any size: what is
 * taken is accounted for, where nothing is changed it goes on as it came, and behind the upgrade
 * nothing is read. LAYER: wedge_stream */
#include "proxy/stream/tls/mysql_shift.h"
#include "proxy/stream/tls/tls_ask.h"
#include "proxy/stream/tls/tls_start.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both ends by turns, as lengths in data say: the bit above is the end. */
static void feed_start(const uint8_t *data, size_t size, enum tls_start_kind kind, bool serves)
{
	struct tls_start_edit edit;
	struct tls_start s;

	tls_start_edit_init(&edit, false);
	tls_start_init(&s, kind);
	s.edit = serves ? &edit : NULL;
	for (size_t i = 0; i < size;) {
		enum leg from = data[i] & 1 ? LEG_SERVER : LEG_CLIENT;
		size_t n = 1u + (data[i] >> 1), k;

		i++;
		n = n < size - i ? n : size - i;
		k = tls_start_read(&s, from, data + i, n);
		BUG_ON(k > n);
		for (enum leg leg = 0; leg < LEG_COUNT; leg++)
			BUG_ON(!serves && evbuffer_get_length(edit.out[leg]));
		i += n;
		BUG_ON(s.state == TLS_START_AGREED &&
		       tls_start_read(&s, from, (const unsigned char *)"x", 1));
	}
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		BUG_ON(tls_start_held(&edit, leg) > size);
	tls_start_edit_fini(&edit);
}

static void feed_ask(const uint8_t *data, size_t size, enum tls_start_kind kind)
{
	struct tls_ask *a = malloc(sizeof(*a));

	BUG_ON(!a);
	tls_ask_init(a, kind, "[127.0.0.1]");
	while (size && (a->state == TLS_ASK_WAITS || a->state == TLS_ASK_LOGIN)) {
		size_t n = 1u + data[0] % 64, k;

		n = n < size ? n : size;
		a->nsay = 0;
		k = tls_ask_read(a, data, n);
		BUG_ON(k > n || a->ngreeting > sizeof(a->greeting));
		tls_ask_look(a, data, n);
		data += n;
		size -= n;
	}
	BUG_ON(a->state == TLS_ASK_REFUSED && !*a->why);
	free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mysql_shift shift = {.server_tls = size & 1};
	unsigned char copy[4096];
	enum tls_start_kind kind;
	size_t n;

	if (!size)
		return 0;
	kind = (enum tls_start_kind)(data[0] % (TLS_START_AUTO + 1));
	data++;
	size--;
	feed_start(data, size, kind, false);
	feed_start(data, size, kind, true);
	feed_ask(data, size, kind);
	n = size < sizeof(copy) ? size : sizeof(copy);
	memcpy(copy, data, n);
	mysql_shift(&shift, LEG_CLIENT, copy, n / 2);
	mysql_shift(&shift, LEG_SERVER, copy + n / 2, n - n / 2);
	return 0;
}

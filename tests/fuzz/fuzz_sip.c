/* fuzz_sip.c - SIP messages from any bytes: what is taken lies within them, an answer to any
 * request that is taken is a message itself. LAYER: wedge_workload */
#include "proxy/base/mem.h"
#include "scenarios/workload/sip_auth.h"
#include "scenarios/workload/sip_write.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xcalloc(size + 1, 1), *head, *whole;
	struct sip_message m, answer;
	struct sip_challenge challenge = {.nonce = NULL};
	struct addr remote;
	unsigned count = 0;
	ssize_t n;

	BUG_ON(addr_parse("192.0.2.9:5060", &remote, NULL) == -1);
	if (size)
		memcpy(text, data, size);
	n = sip_parse(text, size, &m, NULL);
	BUG_ON(n > (ssize_t)size);
	if (n > 0) {
		BUG_ON(m.body.s + m.body.len != text + n || !m.nvias);
		(void)sip_parameter(m.from, "tag");
		(void)sip_address_uri(m.contact);
		/* Nobody guesses the nonce. */
		BUG_ON(sip_judge_authorization(&m, "example.com", "n0", "p", &count) == SIP_PROVED);
		if (sip_take_challenge(&challenge, m.authenticate, NULL) == 0)
			free(sip_write_authorization(&challenge, "u", "p", "REGISTER", "sip:x", 1));
		sip_free_challenge(&challenge);
		head = sip_answer_head(&m, &remote, "t");
		whole = sip_write_answer(200, head, NULL, NULL, NULL);
		/* Unless it has grown beyond the limit. */
		if (strlen(whole) <= SIP_MESSAGE_MAX) {
			n = sip_parse(whole, strlen(whole), &answer, NULL);
			BUG_ON(n != (ssize_t)strlen(whole) || answer.cseq != m.cseq);
		}
		free(head);
		free(whole);
	}
	free(text);
	return 0;
}

/* packet_filter.c - libpcap compiles it and runs it; there is no socket. */
#include "scenarios/capture/packet_filter.h"

#include "proxy/base/mem.h"

#include <pcap/pcap.h>

#define SNAPLEN_WHOLE 262144

struct packet_filter {
	struct bpf_program program;
};

struct packet_filter *packet_filter_new(const char *text, struct err *e)
{
	pcap_t *none = pcap_open_dead(DLT_LINUX_SLL2, SNAPLEN_WHOLE);
	struct packet_filter *f = xcalloc(1, sizeof(*f));
	int rc;

	BUG_ON(!none);
	rc = pcap_compile(none, &f->program, text, 1, PCAP_NETMASK_UNKNOWN);
	if (rc) {
		err_set(e, "%s", pcap_geterr(none));
		free(f);
		f = NULL;
	}
	pcap_close(none);
	return f;
}

void packet_filter_free(struct packet_filter *f)
{
	if (!f)
		return;
	pcap_freecode(&f->program);
	free(f);
}

bool packet_filter_takes(void *f, const uint8_t *packet, uint32_t caplen, uint32_t len)
{
	const struct pcap_pkthdr header = {.caplen = caplen, .len = len};
	struct packet_filter *of = f;

	return pcap_offline_filter(&of->program, &header, packet) != 0;
}

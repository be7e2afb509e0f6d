/* capture_reader.c - a table of link layers, each of which finds the IP header in its frame. */
#include "scenarios/analysis/capture_reader.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <pcap/pcap.h>
#include <stdbool.h>

#define ETHERTYPE_IPV4	   0x0800
#define ETHERTYPE_IPV6	   0x86dd
#define ETHERTYPE_VLAN	   0x8100 /* IEEE 802.1Q */
#define ETHERTYPE_QINQ	   0x88a8 /* IEEE 802.1ad */
#define ETHERTYPE_QINQ_OLD 0x9100

/* Stamps outside of [0, 2255] come only from broken files; the limit keeps every difference of two
 * stamps inside int64_t. */
#define SECONDS_MAX INT64_C(9000000000)

struct capture_reader {
	pcap_t *pcap;
	int dlt;
	uint32_t frame;
};

/* Returns the payload behind an Ethertype field; VLAN tags are stepped over. */
static const uint8_t *ethertype_payload(uint16_t type, const uint8_t *p, size_t *len)
{
	while (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD) {
		if (*len < 4)
			return NULL;
		type = get_be16(p + 2);
		p += 4;
		*len -= 4;
	}
	return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 ? p : NULL;
}

static const uint8_t *ethertype_after(const uint8_t *frame, size_t *len, size_t type_at,
				      size_t header)
{
	if (*len < header)
		return NULL;
	*len -= header;
	return ethertype_payload(get_be16(frame + type_at), frame + header, len);
}

/* BSD loopback: a protocol family in the byte order of the capturing host; IPv6 has a different
 * number on each system (Linux 10, NetBSD 24, FreeBSD 28, Darwin 30). */
static const uint8_t *family_payload(const uint8_t *frame, size_t *len)
{
	uint8_t family;

	if (*len < 4)
		return NULL;
	*len -= 4;
	family = frame[0] ? frame[0] : frame[3];
	if (family == 2 || family == 10 || family == 24 || family == 28 || family == 30)
		return frame + 4;
	return NULL;
}

const uint8_t *capture_link_payload(int dlt, const uint8_t *frame, size_t *len)
{
	const uint8_t *ip;

	switch (dlt) {
	case DLT_EN10MB:
		ip = ethertype_after(frame, len, 12, 14);
		break;
	case DLT_LINUX_SLL:
		ip = ethertype_after(frame, len, 14, 16);
		break;
	case DLT_LINUX_SLL2:
		ip = ethertype_after(frame, len, 0, 20);
		break;
	case DLT_NULL:
	case DLT_LOOP:
		ip = family_payload(frame, len);
		break;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		ip = frame;
		break;
	default:
		return NULL;
	}
	return ip && *len && (*ip >> 4 == 4 || *ip >> 4 == 6) ? ip : NULL;
}

static bool link_known(int dlt)
{
	static const int known[] = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL,
				    DLT_LOOP,	DLT_RAW,       DLT_IPV4,       DLT_IPV6};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i] == dlt)
			return true;
	return false;
}

int capture_reader_open(const char *path, struct capture_reader **out, struct err *e)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	const char *name;
	pcap_t *pcap;
	int dlt;

	pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
	if (!pcap)
		return err_set(e, "capture %s: %s", path, text);
	dlt = pcap_datalink(pcap);
	if (!link_known(dlt)) {
		name = pcap_datalink_val_to_name(dlt);
		err_set(e,
			"capture %s: link type %d (%s) is not read here; "
			"Ethernet, Linux cooked, raw IP and loopback are",
			path, dlt, name ? name : "unknown");
		pcap_close(pcap);
		return -1;
	}
	*out = xcalloc(1, sizeof(**out));
	(*out)->pcap = pcap;
	(*out)->dlt = dlt;
	return 0;
}

static int64_t clamp_time(int64_t v, int64_t max)
{
	return v < 0 ? 0 : v > max ? max : v;
}

int capture_reader_next(struct capture_reader *r, struct capture_packet *p, struct err *e)
{
	struct pcap_pkthdr *h;
	const uint8_t *frame;
	int rc;

	rc = pcap_next_ex(r->pcap, &h, &frame);
	if (rc == PCAP_ERROR_BREAK)
		return 0;
	if (rc != 1)
		return err_set(e, "after frame %u: %s", r->frame, pcap_geterr(r->pcap));
	/* With nanosecond precision libpcap puts nanoseconds into tv_usec. */
	p->at = clamp_time(h->ts.tv_sec, SECONDS_MAX) * NS_PER_S +
		clamp_time(h->ts.tv_usec, NS_PER_S - 1);
	p->frame = ++r->frame;
	p->ip_len = h->caplen;
	p->ip = capture_link_payload(r->dlt, frame, &p->ip_len);
	return 1;
}

void capture_reader_close(struct capture_reader *r)
{
	if (!r)
		return;
	pcap_close(r->pcap);
	free(r);
}

/* pcap_records.h - the records of a classic pcap file (draft-ietf-opsawg-pcap): micro- and
 * nanoseconds, both byte orders, and the longer record headers that Kuznetzov's patch wrote. */
#ifndef WEDGE_SCENARIOS_READER_PCAP_RECORDS_H
#define WEDGE_SCENARIOS_READER_PCAP_RECORDS_H

#include "scenarios/reader/byte_source.h"
#include "scenarios/reader/capture_record.h"

struct pcap_records {
	bool swapped;	      /* written by a machine of the other byte order */
	int64_t unit_ns;      /* of the fractions of seconds */
	uint32_t record_head; /* bytes before the frame */
	uint32_t len_max;     /* of a frame */
	uint32_t snaplen;
	uint16_t link_type;
};

/* Whether a file that begins with these four bytes is of this format. */
bool pcap_records_begin(const uint8_t *start);

/* Reads the file's header. -1 with *e: it breaks off, or is of another version. */
int pcap_records_open(struct pcap_records *r, struct byte_source *s, struct err *e) WG_MUSTUSE;

/* Reads the next record: 1; 0 at the end; -1 with *e when it breaks off or has a length that can't
 * be. */
int pcap_records_next(struct pcap_records *r, struct byte_source *s, struct capture_record *out,
		      struct err *e) WG_MUSTUSE;

#endif

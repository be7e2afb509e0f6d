/* pcapng.h - a pure pcapng encoder (draft-ietf-opsawg-pcapng): blocks into a caller's buffer.
 * Knows no files, no sockets, no libpcap. */
#ifndef WEDGE_SCENARIOS_BASE_PCAPNG_H
#define WEDGE_SCENARIOS_BASE_PCAPNG_H

#include "scenarios/base/pcapng_buf.h"

#define PCAPNG_LINKTYPE_ETHERNET   1
#define PCAPNG_LINKTYPE_LINUX_SLL2 276

#define PCAPNG_APPLICATION "wedge" /* what the sections of wedge's captures say who wrote them */

/* Each appends one block to b. Section Header Block; the texts may be NULL. */
void pcapng_section(struct pcapng_buf *b, const char *application, const char *os,
		    const char *comment);

/* Interface Description Block with nanosecond time stamps (if_tsresol 9). */
void pcapng_interface(struct pcapng_buf *b, uint16_t linktype, uint32_t snaplen, const char *name,
		      const char *description);

/* Enhanced Packet Block; wall_ns since 1970; comment may be NULL. */
void pcapng_packet(struct pcapng_buf *b, uint32_t interface, int64_t wall_ns, const uint8_t *data,
		   uint32_t caplen, uint32_t len, const char *comment);

/* Interface Statistics Block: packets received and dropped by the capture. */
void pcapng_statistics(struct pcapng_buf *b, uint32_t interface, int64_t wall_ns, uint64_t received,
		       uint64_t dropped);

/* Decryption Secrets Block with a TLS key log (the text of an SSLKEYLOGFILE). It must stand before
 * the packets that it opens: a reader that reads once has no other chance. */
void pcapng_secrets(struct pcapng_buf *b, const void *keylog, uint32_t len);

#endif

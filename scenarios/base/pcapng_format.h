/* pcapng_format.h - the numbers of the pcapng format (draft-ietf-opsawg-pcapng, sections 3.5 to
 * 4.7), shared by the encoder, the walker and the reader. */
#ifndef WEDGE_SCENARIOS_BASE_PCAPNG_FORMAT_H
#define WEDGE_SCENARIOS_BASE_PCAPNG_FORMAT_H

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET_OBSOLETE = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_SECRETS = 10,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	SECRETS_TLS_KEY_LOG = 0x544c534b,
};

enum {
	OPT_END = 0,
	OPT_COMMENT = 1,
	SHB_OS = 3,
	SHB_APPLICATION = 4,
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_TSRESOL = 9,
	IF_TSOFFSET = 14,
	EPB_FLAGS = 2,
	EPB_DROPCOUNT = 4,
	ISB_END_TIME = 3,
	ISB_RECEIVED = 4,
	ISB_DROPPED = 5,
	ISB_OS_DROPPED = 7,
};

#define PCAPNG_NANOSECONDS 9 /* if_tsresol: 10^-9 s */

#endif

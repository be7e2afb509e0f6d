/* ept_map.h - where a server's interface is, asked of its endpoint mapper: ept_map of C706 appendix
 * O as stubs in NDR, for TCP alone. Pure. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_EPT_MAP_H
#define WEDGE_SCENARIOS_WORKLOAD_EPT_MAP_H

#include "scenarios/workload/dcerpc.h"

#define EPT_MAP_OPNUM	   3
#define EPT_MAP_TOWERS	   500	       /* at most in one answer ([MS-RPCE] 2.2.1.2.5) */
#define EPT_NOT_REGISTERED 0x16c9a0d6u /* nobody serves such an interface */

extern const struct dcerpc_syntax ept_map_interface; /* the endpoint mapper's own */

/* An interface at a place: a protocol tower (C706 appendix I). */
struct ept_tower {
	struct dcerpc_syntax interface;
	bool tcp; /* by DCE/RPC over TCP; else by what we don't know */
	uint16_t port;
	uint8_t address[4]; /* IPv4, as on the wire; zeros: the one that was asked */
};

/* Write the question for t's interface over TCP, and the answer to one that has room for so many
 * towers: t, or, NULL, that there is none. */
void ept_map_write_ask(struct le_buf *o, const struct ept_tower *t);
void ept_map_write_answer(struct le_buf *o, const struct ept_tower *t, uint32_t room);

/* Parse them; 0, or -1 with *e. The first of the answer's towers is in *t, unless its *status says
 * that there is none. */
int ept_map_parse_ask(const uint8_t *stub, size_t len, struct ept_tower *t, uint32_t *room,
		      struct err *e) WG_MUSTUSE;
int ept_map_parse_answer(const uint8_t *stub, size_t len, struct ept_tower *t, uint32_t *status,
			 struct err *e) WG_MUSTUSE;

#endif

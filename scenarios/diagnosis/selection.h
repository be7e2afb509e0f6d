/* selection.h - which connections of a capture are asked about, and in what time: by address, by
 * port, by its number, from when until when. Knows no command line beyond the words for these. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_SELECTION_H
#define WEDGE_SCENARIOS_DIAGNOSIS_SELECTION_H

#include "scenarios/analysis/wire_connection.h"

/* A moment: of the wall clock, or since the capture's first packet. */
struct moment {
	bool given, relative;
	int64_t ns;
};

/* Zero-initialise to start: everything is selected. selection_fini ends. */
struct selection {
	struct cidr *networks; /* one of the ends is in one of these */
	size_t nnetworks;
	uint16_t *ports; /* one of the ends has one of these */
	size_t nports;
	struct moment since, until;
	struct {
		bool given;
		uint32_t number; /* tshark's tcp.stream */
	} connection;
	/* By their number: whether it is one of those that another capture chooses; NULL: all are.
	 * Somebody else's to free. */
	const uint8_t *chosen;
	size_t nchosen;
};

/* "192.0.2.1", "2001:db8::/32". */
int selection_add_network(struct selection *s, const char *text, struct err *e) WG_MUSTUSE;
int selection_add_port(struct selection *s, const char *text, struct err *e) WG_MUSTUSE;
int selection_set_connection(struct selection *s, const char *text, struct err *e) WG_MUSTUSE;

/* "10s" since the first packet; "2026-11-29 14:30:00.5", local time as Wireshark shows it, or with
 * a zone: "2026-11-29T14:30:00Z", "...+01:00"; "@1764426600.5": seconds since 1970. */
int selection_set_moment(struct moment *m, const char *text, struct err *e) WG_MUSTUSE;

/* Whether the connection is selected, by its addresses, ports and number. */
bool selection_has(const struct selection *s, const struct wire_connection *w);

/* Makes relative moments absolute, by the time of the capture's first packet. */
void selection_begin(struct selection *s, int64_t first);

void selection_fini(struct selection *s);

#endif

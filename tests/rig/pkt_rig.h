/* pkt_rig.h - a packet plane in a test's hands: one call makes a packet, time stands still until
 * the test moves it, and every verdict is recorded. Knows no sockets and no sleeps. */
#ifndef WEDGE_TESTS_PKT_RIG_H
#define WEDGE_TESTS_PKT_RIG_H

#include "impairments/impairment.h"
#include "impairments/live/apply.h"
#include "impairments/live/hooks.h"
#include "impairments/set/set_parse.h"
#include "proxy/packet/checksum.h"
#include "proxy/packet/pkt_tracker.h"

#define RIG_ISN_CLIENT 1000u	   /* initial sequence numbers; data begins one later */
#define RIG_ISN_SERVER 4294966000u /* wraps, and in the upper half: 0 would count as later */
#define RIG_MSS	       1460
#define RIG_FLOW_LABEL 0x12345u /* of IPv6 packets */

enum rig_fate { RIG_HELD, RIG_ACCEPTED, RIG_DROPPED };

/* One thing that came out: the verdict on a packet, or an injected packet. */
struct rig_event {
	unsigned packet; /* number of the packet, from 0 in the order they were put in */
	enum rig_fate fate;
	bool injected, modified;
	int64_t at;
	uint8_t data[2048]; /* of injected and modified packets */
	size_t len;
};

struct pkt_rig {
	struct fake_clock clock;
	struct env env;
	struct impairment_set *set;
	struct pkt_tracker *tracker;
	bool forwarded;
	uint32_t server_leg_mark; /* when not 0: packets are on the server leg of this mark's
				     session, and the client address is wedge's own */
	bool socketless;	  /* packets there have no mark: their socket is gone */
	bool ipv6;		  /* packets are IPv6; to be set before the first one */
	int64_t waited;		  /* ns since the kernel got the packets that come now */
	unsigned packets;
	struct rig_event events[512];
	size_t nevents;
	char journal[64];
	struct pkt_conn *conn; /* of the first connection */
};

/* Makes a plane with a forwarded selection and these impairments ("delayed_ack{timer=200ms}"; NULL:
 * none), at time 0. *r must outlive the plane. */
void pkt_rig_open(struct pkt_rig *r, const char *faults);

/* Makes a plane where wedge terminates the connections: all packets are on the client leg. */
void pkt_rig_open_client_leg(struct pkt_rig *r, const char *faults);

/* Makes a plane as above that holds clients' SYNs: it calls hooks->syn_held, gave_up and
 * unreachable with the rig. */
void pkt_rig_open_syn_hold(struct pkt_rig *r, const char *faults, const struct pkt_hooks *hooks);

/* Ends the plane; fails the test unless every packet has got exactly one verdict. */
void pkt_rig_close(struct pkt_rig *r);

/* A segment to be built; members that are 0 get the default that is told here. */
struct rig_segment {
	enum dir dir;	  /* of travel */
	uint8_t flags;	  /* TCP_ACK when 0 */
	uint32_t seq;	  /* relative to the direction's ISN: 0 is the SYN, 1 the first data byte */
	uint32_t ack;	  /* relative to the other direction's ISN */
	uint16_t window;  /* 1000 when 0 */
	uint32_t len;	  /* of the payload */
	uint32_t sack[2]; /* one SACK block, relative like ack, when not equal */
	bool timestamps;  /* the option of RFC 7323: 12 bytes */
	uint32_t tsval, tsecr; /* of that option, 1 when 0 */
	uint16_t id;	       /* of IPv4; when not 0 with "don't fragment" */
	uint8_t ttl;	       /* or hop limit; 64 when 0 */
	uint8_t tos;	       /* or traffic class */
	int wscale;	       /* of a SYN; none when 0 */
};

/* Sends the segment now and returns its number. */
unsigned pkt_rig_send(struct pkt_rig *r, struct rig_segment segment);

/* Sends payload bytes seq..seq+len, which acknowledge nothing new (ack 1). */
unsigned pkt_rig_data(struct pkt_rig *r, enum dir dir, uint32_t seq, uint32_t len);

/* Sends a pure ACK. */
unsigned pkt_rig_ack(struct pkt_rig *r, enum dir dir, uint32_t ack);

/* Sends SYN, SYN-ACK and ACK, with an MSS of RIG_MSS. */
void pkt_rig_handshake(struct pkt_rig *r);

/* Moves the time on; timers that are due on the way run at their due times. */
void pkt_rig_wait(struct pkt_rig *r, int64_t ns);

/* Returns what became of a packet. */
enum rig_fate pkt_rig_fate(const struct pkt_rig *r, unsigned packet);

/* Returns the event of a packet, or NULL while it is held. */
const struct rig_event *pkt_rig_event(const struct pkt_rig *r, unsigned packet);

/* Returns when a packet got its verdict; fails the test while it is held. */
int64_t pkt_rig_when(const struct pkt_rig *r, unsigned packet);

/* Returns a packet that was changed, as it arrived; fails the test unless it arrived whole and with
 * right checksums. */
struct tcp_view pkt_rig_arrived(const struct pkt_rig *r, unsigned packet);

/* Returns whether a packet was changed. */
bool pkt_rig_modified(const struct pkt_rig *r, unsigned packet);

/* Returns how many packets were injected so far. */
unsigned pkt_rig_injected(const struct pkt_rig *r);

/* Returns the last injected packet; fails the test unless it is whole and its checksums are right.
 */
struct tcp_view pkt_rig_injection(const struct pkt_rig *r);

/* Flushes and reads the journal; returns whether one of its lines contains text. */
bool pkt_rig_journalled(const struct pkt_rig *r, const char *text);

#endif

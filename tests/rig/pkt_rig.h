/* pkt_rig.h - a packet plane in a test's hands: packets are made by one call each, time stands
 * still until the test moves it, every verdict is written down. No sockets, no sleeps. */
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

enum rig_fate { RIG_HELD, RIG_ACCEPTED, RIG_DROPPED };

/* What came out, in order: verdicts on packets and injected packets. */
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
	struct pkt_tracker *plane;
	bool forwarded;
	uint32_t server_leg_mark; /* when not 0: what is sent is on the server leg of this mark's
				     session, the client address being wedge's own */
	bool socketless;	  /* what is sent there has no mark: its socket is gone */
	bool ipv6;		  /* set it before the first packet to speak IPv6 */
	unsigned packets;
	struct rig_event events[512];
	size_t nevents;
	char journal[64];
	struct pkt_conn *conn; /* of the first connection */
};

/* A plane with one forwarded selection and these impairments ("delayed_ack{timer=200ms}"; NULL:
 * none), at time 0. Call with a struct pkt_rig that lives in the test. */
void pkt_rig_open(struct pkt_rig *r, const char *faults);

/* The same where wedge terminates: all that follows is on the client leg. */
void pkt_rig_open_client_leg(struct pkt_rig *r, const char *faults);

/* The same, and clients are asked about: of the hooks asks, gave_up and unreachable are taken, and
 * called with the rig. */
void pkt_rig_open_asking(struct pkt_rig *r, const char *faults, const struct pkt_hooks *asking);

/* Ends it; fails the test unless every packet has got exactly one verdict. */
void pkt_rig_close(struct pkt_rig *r);

/* A segment as it should be built; zero members get the default of pkt_rig_send. */
struct rig_segment {
	enum dir dir;	  /* of travel */
	uint8_t flags;	  /* TCP_ACK when 0 */
	uint32_t seq;	  /* relative to the direction's ISN: 0 is the SYN, 1 the first data byte */
	uint32_t ack;	  /* relative to the other direction's ISN */
	uint16_t window;  /* 1000 when 0 */
	uint32_t len;	  /* of the payload */
	uint32_t sack[2]; /* one SACK block, relative like ack, when not equal */
	bool timestamps;  /* the option of RFC 7323: 12 bytes */
	int wscale;	  /* of a SYN; none when 0 */
};

/* Puts the segment in now and returns its number. */
unsigned pkt_rig_send(struct pkt_rig *r, struct rig_segment segment);

/* The usual ones. data: payload bytes seq..seq+len, acknowledging nothing new (ack 1). */
unsigned pkt_rig_data(struct pkt_rig *r, enum dir dir, uint32_t seq, uint32_t len);
unsigned pkt_rig_ack(struct pkt_rig *r, enum dir dir, uint32_t ack);
void pkt_rig_handshake(struct pkt_rig *r); /* SYN, SYN-ACK, ACK, with an MSS of RIG_MSS */

/* Moves the time on; timers due on the way run at their due times. */
void pkt_rig_wait(struct pkt_rig *r, int64_t ns);

/* What became of a packet; its event, or NULL while it is held. */
enum rig_fate pkt_rig_fate(const struct pkt_rig *r, unsigned packet);
const struct rig_event *pkt_rig_event(const struct pkt_rig *r, unsigned packet);

/* When it got its verdict; fails the test while it is held. */
int64_t pkt_rig_when(const struct pkt_rig *r, unsigned packet);

/* A packet that was changed, as it arrived; fails the test unless it did, whole and with right
 * checksums. */
struct tcp_view pkt_rig_arrived(const struct pkt_rig *r, unsigned packet);

/* How many packets were injected so far, and the last of them, whole and with right checksums. */
unsigned pkt_rig_injected(const struct pkt_rig *r);
struct tcp_view pkt_rig_injection(const struct pkt_rig *r);

/* Whether the journal has an event whose line holds text; the journal is flushed and read. */
bool pkt_rig_journalled(const struct pkt_rig *r, const char *text);

#endif

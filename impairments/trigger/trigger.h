/* trigger.h - when and on whom an instance acts: the parameters that every instance has for it, and
 * the trigger that is compiled from them. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_TRIGGER_H
#define WEDGE_IMPAIRMENTS_TRIGGER_TRIGGER_H

#include "impairments/trigger/framing_config.h"
#include "impairments/trigger/match.h"
#include "impairments/trigger/schedule.h"
#include "impairments/trigger/trigger_window.h"
#include "proxy/base/param.h"

/* The parameters as configured, a part of struct impair_inst; docs/triggers.md has their meaning.
 */
struct trigger_params {
	bool enabled;
	double probability;
	int per;
	char *client, *server, *sni;
	uint64_t port, session, nth, first;
	char *after, *length, *every;
	int framing, at;
	enum framing_kind usual; /* of the impairment: counts messages where framing is none */
	char *offset;
	uint64_t length_offset, length_width;
	int length_endian;
	double length_extra;
	char *delimiter;
	char *schedule;
	double time_scale;
};

/* The compiled parameters. */
struct trigger {
	double probability; /* of a session, or of each message */
	struct match_config match;
	struct trigger_window_config window;
	struct framing_config framing;
	struct schedule_config schedule;
};

extern const char *const trigger_per_names[], *const trigger_part_names[],
						  *const trigger_endian_names[];

/* The checks of parameters with a grammar of their own: -1 with the reason when text is refused. */
int trigger_check_network(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_sni(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_after(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_offset(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_length(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_every(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_schedule(const char *text, struct err *e) WG_MUSTUSE;
#define DELIMITER_DEFAULT "\\r\\n"
int trigger_check_delimiter(const char *text, struct err *e) WG_MUSTUSE;

/* Compiles p to t, which borrows texts of p. Refuses parameters that contradict each other. */
int trigger_compile(struct trigger *t, const struct trigger_params *p, struct err *e) WG_MUSTUSE;

/* Refuses what counts messages, for an instance that acts on packets: none can be counted there,
 * whatever the framing. */
int trigger_check_packets(const struct trigger_params *p, struct err *e) WG_MUSTUSE;

/* Returns whether its window is counted in messages or opens at a place inside one, so that a
 * framing has an effect; in "0 messages" too, which a sweep or a step can raise. */
bool trigger_counts_messages(const struct trigger_params *p);

/* An instance acts on bytes, on packets, on clients as they are accepted, or between sessions. */
enum trigger_place { TRIGGER_STREAM, TRIGGER_PACKETS, TRIGGER_ACCEPT, TRIGGER_SESSIONS };

/* Refuses a trigger that counts or reads what there isn't at that place. */
int trigger_suits(const struct trigger *t, enum trigger_place place, struct err *e) WG_MUSTUSE;

#endif

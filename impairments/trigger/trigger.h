/* trigger.h - the parameters that every instance has for when and on whom it acts, and what they
 * mean once they are understood. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_TRIGGER_H
#define WEDGE_IMPAIRMENTS_TRIGGER_TRIGGER_H

#include "impairments/trigger/framing.h"
#include "impairments/trigger/match.h"
#include "impairments/trigger/schedule.h"
#include "impairments/trigger/trigger_window.h"
#include "proxy/base/param.h"

/* As configured; part of struct impair_inst. */
struct trigger_params {
	bool enabled;
	double probability;
	int per;
	char *client, *server, *sni;
	uint64_t port, nth, first;
	char *after, *length, *every;
	int framing, at;
	enum framing_kind usual; /* the kind's own: what counts messages where none is given */
	uint64_t offset;
	uint64_t length_offset, length_width;
	int length_endian;
	double length_extra;
	char *delimiter;
	char *schedule;
	double time_scale;
};

/* As understood. */
struct trigger {
	double probability; /* of a session, or of each message */
	struct match_config match;
	struct trigger_window_config window;
	struct framing_config framing;
	struct schedule_config schedule;
};

extern const char *const trigger_per_names[], *const trigger_part_names[],
						  *const trigger_endian_names[];

/* Checks of rows with a grammar of their own. */
int trigger_check_network(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_sni(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_amount(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_length(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_every(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_schedule(const char *text, struct err *e) WG_MUSTUSE;
int trigger_check_delimiter(const char *text, struct err *e) WG_MUSTUSE;

/* t borrows texts of p. Refuses what contradicts itself, with the reason. */
int trigger_compile(struct trigger *t, const struct trigger_params *p, struct err *e) WG_MUSTUSE;

/* What may be asked for where an instance acts. */
enum trigger_place { TRIGGER_STREAM, TRIGGER_PACKETS, TRIGGER_ACCEPT };
int trigger_suits(const struct trigger *t, enum trigger_place place, struct err *e) WG_MUSTUSE;

#endif

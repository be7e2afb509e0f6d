/* set.h - the ordered impairments of one proxy: parsed from YAML or the command line, attached to
 * sessions and connections through the hooks that the planes offer. */
#ifndef WEDGE_IMPAIRMENTS_SET_SET_H
#define WEDGE_IMPAIRMENTS_SET_SET_H

#include "impairments/impairment.h"
#include "impairments/trigger/trigger.h"
#include "proxy/base/yaml.h"
#include "proxy/packet/pkt_tracker.h"
#include "proxy/stream/session.h"
#include "proxy/stream/tls/tls_config.h"

enum impair_direction { IMPAIR_UPSTREAM, IMPAIR_DOWNSTREAM, IMPAIR_BOTH };

/* One instance: a kind of fault, its own parameters and the common ones. */
struct impair_inst {
	const struct impairment *type;
	char *name;    /* "delayed_ack", the second of a kind "delayed_ack#2" */
	void *cfg;     /* of type->cfg_size */
	int direction; /* enum impair_direction */
	int leg;       /* enum impair_leg, resolved */
	bool leg_given;
	char *traffic; /* "on": in a scenario, which traffic it acts on; "main" when not given */
	char *label;   /* the name that was given, or "" */
	struct trigger_params when;
	unsigned index; /* place in the list, or in the order of coming: the rng's stage number */
	struct impair_live *live; /* NULL until the set's first session opens */
};

/* The parameters that every instance has besides its kind's own; members of struct impair_inst. A
 * leg is for the packet plane only. */
extern const struct param impair_common_params[];

struct impairment_set {
	struct impair_inst *inst;
	size_t n;
	struct impair_run *run; /* while its proxy runs; NULL before the first session */
};

struct impairment_set *impairment_set_new(void);
void impairment_set_free(struct impairment_set *s);
struct impairment_set *impairment_set_copy(const struct impairment_set *s);

/* Only the instances on that traffic, in order. */
struct impairment_set *impairment_set_for(const struct impairment_set *s, const char *traffic);

/* A YAML list: [{delayed_ack: {timer: 200ms}}, ...]; "[]" is an empty set. Appends to s. */
int impairment_set_yaml(struct impairment_set *s, struct yaml *y, struct yaml_node *list,
			struct err *e) WG_MUSTUSE;

/* The command line's form: "delayed_ack{timer=200ms,every=2}" or just "delayed_ack". Appends. */
int impairment_set_text(struct impairment_set *s, const char *text, struct err *e) WG_MUSTUSE;

/* One parameter of the instance called name. */
int impairment_set_param(struct impairment_set *s, const char *name, const char *param,
			 const char *value, struct err *e) WG_MUSTUSE;

/* Refuses instances that contradict themselves or each other's names, and what the mode can't do (a
 * leg on forwarded connections, a stream impairment there). */
int impairment_set_check(const struct impairment_set *s, bool forwarded, struct err *e) WG_MUSTUSE;

/* Refuses what has no meaning in that mode of TLS. */
int impairment_set_check_tls(const struct impairment_set *s, enum tls_mode mode,
			     struct err *e) WG_MUSTUSE;

/* The one way in which a running set is changed: to what wanted says, on every session that is
 * open, at once. By name: instances that wanted lacks are removed (what they hold goes on, in
 * order), new ones come at their place, changed ones are told of their new configuration, and those
 * that are the same notice nothing. Where the kind, direction, leg or order of an instance differs,
 * it is removed and comes anew. Refused as a whole, with nothing changed, when wanted isn't valid.
 * Never from a stage's own callback. wanted stays the caller's. */
int impairment_set_apply(struct impairment_set *live, const struct impairment_set *wanted,
			 bool forwarded, struct err *e) WG_MUSTUSE;

/* The same for one instance. */
int impairment_set_enable(struct impairment_set *live, const char *name, bool enabled,
			  bool forwarded, struct err *e) WG_MUSTUSE;
int impairment_set_update(struct impairment_set *live, const char *name, const char *param,
			  const char *value, bool forwarded, struct err *e) WG_MUSTUSE;
int impairment_set_remove(struct impairment_set *live, const char *name, bool forwarded,
			  struct err *e) WG_MUSTUSE;

/* The proxy has ended, with all its sessions; its loop is still there. What the set had for it is
 * released. Freeing the set does so too, and is too late once the loop is gone. */
void impairment_set_stop(struct impairment_set *s);

/* Ends an instance's random episode; the next one comes after another gap. */
int impairment_set_reset(struct impairment_set *live, const char *name, struct err *e) WG_MUSTUSE;

/* The first instance that has state across sessions, or NULL. With one, its proxy runs on one
 * worker.
 */
const char *impairment_set_sharer(const struct impairment_set *s);

/* The first instance that acts on packets between a terminating wedge and the server, or NULL. */
const char *impairment_set_on_server_leg(const struct impairment_set *s);

/* "delayed_ack{direction=downstream,timer=200ms}", all instances, "none" when empty. The caller
 * frees. */
char *impairment_set_describe(const struct impairment_set *s);

/* The hooks to give to a proxy of the engine; the set must outlive it. needs_packets: whether any
 * instance acts on the packet plane. */
struct session_hooks impairment_set_session_hooks(struct impairment_set *s);
struct pkt_hooks impairment_set_pkt_hooks(struct impairment_set *s);
bool impairment_set_needs_packets(const struct impairment_set *s);

/* The receive buffers of the legs, in bytes, that the instances ask for; 0: none does. */
void impairment_set_rcvbuf(const struct impairment_set *s, size_t n[LEG_COUNT]);

#endif

/* impairments.h - what a configuration, the service and the commands ask of a proxy's impairments.
 * Declared here and implemented above, in impairments/: main.c hands the table over, or
 * no_impairments where none are built. */
#ifndef WEDGE_CONFIG_IMPAIRMENTS_H
#define WEDGE_CONFIG_IMPAIRMENTS_H

#include "proxy/base/yaml.h"
#include "proxy/engine/engine.h"
#include "proxy/stream/tls/tls_config.h"

/* The ordered impairments of one proxy. Only the table's functions look inside. */
struct impairment_set;

/* Parameters: rows of a table, and where their values are; values NULL: there are none. */
struct impairment_parameters {
	const struct param *rows;
	const void *values;
};

/* A kind of impairment that this wedge has. Its rows have no values. */
struct impairment_kind {
	const char *name, *summary, *plane; /* plane: "bytes", "packets" or "clients" */
	const char *example;		    /* as add_text would take it */
	bool directed;			    /* a direction can be chosen */
	struct impairment_parameters own, common;
};

/* What an instance was to the sessions of its proxy. Texts are the set's. */
struct impairment_count {
	const char *name, *kind;
	const char *text;			  /* it in words, as add_text would take it */
	uint64_t sessions, acted;		  /* that came; of which it has changed something */
	struct impairment_parameters own, common; /* its kind's; those that all have */
};

struct impairments_ops {
	/* An empty set; an independent copy of a set, which isn't at work. free releases either,
	 * and takes NULL. */
	struct impairment_set *(*create)(void);
	struct impairment_set *(*copy)(const struct impairment_set *set);
	void (*free)(struct impairment_set *set);

	/* Append the impairment that text describes, "stall{after=10KB}"; or those of a YAML list,
	 * with the error's place in the file. */
	int (*add_text)(struct impairment_set *set, const char *text, struct err *e);
	int (*add_yaml)(struct impairment_set *set, struct yaml *y, struct yaml_node *list,
			struct err *e);

	/* Refuses what a proxy can't have that only forwards packets, or that has that mode of TLS.
	 */
	int (*check)(const struct impairment_set *set, bool forwarded, enum tls_mode tls,
		     struct err *e);

	size_t (*count)(const struct impairment_set *set);

	/* The name of the first instance that has one state for all sessions of its proxy; that
	 * acts on packets; that acts on packets of the server leg. The set owns it; NULL: none. */
	const char *(*shared)(const struct impairment_set *set);

	/* The same of the first instance of which the seed decides something for each session. */
	const char *(*draws)(const struct impairment_set *set);

	const char *(*needs_packets)(const struct impairment_set *set);

	/* The kind that does what can be done without packets of what needs_packets names; NULL:
	 * none does. */
	const char *(*without_packets)(const struct impairment_set *set);

	const char *(*needs_server_leg)(const struct impairment_set *set);

	/* Takes to the client leg what can act there as well as on the server leg, unless it was
	 * given a leg: for a proxy whose server leg has no packets. ack_hold: the longest time,
	 * ns, that acknowledgements of what clients are sent then wait; 0: none does. */
	void (*prefer_client_leg)(struct impairment_set *set);
	int64_t (*ack_hold)(const struct impairment_set *set);

	/* The first instance that keeps what clients are sent, so that no server feels the hold;
	 * NULL: none, or nothing is held. */
	const char *(*hides_acks)(const struct impairment_set *set);

	/* The whole set in words, "none" when it is empty; the caller frees. */
	char *(*describe)(const struct impairment_set *set);

	/* Calls fn with what each instance has come to so far, in their order. */
	void (*count_each)(const struct impairment_set *set,
			   void (*fn)(void *arg, const struct impairment_count *c), void *arg);

	/* Calls fn with each kind that there is. */
	void (*each_kind)(void (*fn)(void *arg, const struct impairment_kind *k), void *arg);

	/* The proxy has ended with all its sessions: says on how many of them each impairment has
	 * acted, in the journal, and with a warning where it was none. */
	void (*tell)(struct impairment_set *set, struct journal *journal, const struct log *log);

	/* Fills the hooks of a proxy. live is the hooks' argument and must outlive the proxy;
	 * buffer sizes and the part of packets that is read are those of wanted, which live is to
	 * become. wanted may be live. */
	void (*give_hooks)(struct impairment_set *live, struct impairment_set *wanted,
			   struct engine_proxy_config *proxy);

	/* Makes live, which isn't at work yet, one of several sets of the same proxy, each with the
	 * sessions of a thread: they are numbered, and told of, as those of one. */
	void (*join)(struct impairment_set *live, struct impairment_set *with);

	/* Of a set that has been joined to others: the packets of its sessions are met by another
	 * one of them from now on, which decides of them as this one would. */
	void (*hand_over)(struct impairment_set *live);

	/* Makes live, with all its open sessions, as wanted, which check has accepted for the same
	 * mode: so nothing is refused. */
	void (*apply)(struct impairment_set *live, const struct impairment_set *wanted,
		      bool forwarded);
};

#endif

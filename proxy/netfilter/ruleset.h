/* ruleset.h - one set of packet filter rules in the kernel: nftables where the kernel knows the
 * statements, else xtables, chosen by trying; and the guard that removes the rules, however wedge
 * ends. Knows no rule: those who have rules give their texts. */
#ifndef WEDGE_NETFILTER_RULESET_H
#define WEDGE_NETFILTER_RULESET_H

#include "proxy/netfilter/rule_id.h"
#include "proxy/netfilter/xtables.h"

struct guard;
struct nft_table;

/* One kind of rule set. rules is what the owner gives to ruleset_set or ruleset_change. Every
 * function is set: ruleset_default_* do nothing. */
struct ruleset_ops {
	const char *nft, *nf_tables, *legacy; /* what ruleset_backend says of each way */
	const char *no_way;		      /* begins the error when no way works */
	const char *const *tables;	      /* of xtables; ends with NULL */
	unsigned zone;	     /* of connection tracking: tried first, then 0, for kernels without
				zones. 0: the rules need none */
	bool tells_last_nft; /* in that error: nft's complaint about the try without a zone, not
				about the one with it */
	bool guards_nft;     /* the guard has something to do also where the kernel removes the
				rules, those of nft, with wedge's socket */

	/* Return the rules as text, which the caller frees: the table "inet wedge-ID" with "flags
	 * owner"; and one family's chains "wedge-ID-..." (xtables_text_fn). */
	char *(*nft_text)(const void *rules, unsigned zone);
	char *(*xtables_text)(const void *rules, unsigned zone, int family, unsigned *jumps);

	/* Called around each try, in this order: before the guard is forked; with the guard there,
	 * before the rules; and before the guard acts, when the try has failed or the set ends. -1:
	 * the try has failed. */
	int (*reserve)(void *owner, struct err *e);
	int (*prepare)(void *owner, struct err *e);
	void (*release)(void *owner);

	/* Called in the guard's process, with its own copy of *owner: when it begins (false: it
	 * can't do its work), and at wedge's end before and after it removes the chains of
	 * xtables. nft: the rules are nft's. */
	bool (*guard_begin)(void *owner, bool nft);
	void (*guard_before)(void *owner);
	void (*guard_after)(void *owner);
};

/* Embedded in its owner. */
struct ruleset {
	const struct ruleset_ops *ops;
	void *owner;
	char id[RULE_ID_BYTES];
	int alive;  /* the socket that keeps id; -1: none */
	bool alone; /* in a network namespace that ends with wedge */
	unsigned zone;
	struct nft_table *nft;	 /* NULL: the way is xtables */
	const struct xtables *x; /* NULL: the way is nftables */
	unsigned jumps[2];	 /* xtables_restore_both */
	struct guard *guard;
	const char *backend;
	char *text; /* the rules in place, as text for nft whatever the way; NULL: not known */
};

/* Takes a name for the rules. alone_id: the name in a network namespace that ends with wedge, where
 * no guard is needed and nobody else has rules; else NULL. -1: *s needs ruleset_fini all the
 * same. */
int ruleset_init(struct ruleset *s, const struct ruleset_ops *ops, void *owner,
		 const char *alone_id, struct err *e) WG_MUSTUSE;

/* Removes the rules in iptables that wedges have left whose guards died with them. ruleset_set does
 * so for each way of xtables that it tries; this is for rules that such remains also disturb when
 * they are nft's. */
void ruleset_sweep(const struct ruleset *s);

/* Puts the rules in place. -1: no way works, and nothing is left behind; *e has nft's complaint and
 * that of the first way of xtables. */
int ruleset_set(struct ruleset *s, const void *rules, struct err *e) WG_MUSTUSE;

/* Returns whether exactly these rules are in place. */
bool ruleset_is_set(const struct ruleset *s, const void *rules);

/* Replaces the rules, in one step for each address family. -1: part of the new ones may be in
 * place. */
int ruleset_change(struct ruleset *s, const void *rules, struct err *e) WG_MUSTUSE;

/* Forgets which rules are in place: ruleset_is_set is false until the next change. */
void ruleset_doubt(struct ruleset *s);

/* Removes the rules, and lets the guard do its work. */
void ruleset_fini(struct ruleset *s);

/* Returns ops->nft, ops->nf_tables or ops->legacy. */
const char *ruleset_backend(const struct ruleset *s);

/* The functions of ruleset_ops that do nothing, and what they are for. */
int ruleset_default_try(void *owner, struct err *e); /* reserve, prepare */
void ruleset_default_note(void *owner);		     /* release, guard_before, guard_after */
bool ruleset_default_begin(void *owner, bool nft);   /* guard_begin */

#endif

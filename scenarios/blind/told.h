/* told.h - what a guess is told, before it is written for a person or for a program: signs with the
 * frames where they show, conditions with what was measured, the longest waits. */
#ifndef WEDGE_SCENARIOS_BLIND_TOLD_H
#define WEDGE_SCENARIOS_BLIND_TOLD_H

#include "scenarios/blind/answer.h"

#define TOLD_SIDES 2
#define TOLD_WAITS 3

struct told_sign {
	const char *text;
	const char *capture; /* where it shows, a file of the folder; NULL: no frame shows it */
	const char *filter;  /* Wireshark's; NULL without capture */
	char *frames;	     /* the first of them, "11, 70, 71"; NULL: there was no tshark to ask */
	size_t found;	     /* how many there are */
};

struct told {
	const struct answer *answer;
	bool truth;		    /* what was played is told; else all is about the guess */
	const struct scenario *one; /* that all is about */
	struct told_sign *signs;    /* of a capture of it */
	size_t nsigns;
	struct against conditions; /* of it, in these captures */
	/* Of the client's side and the server's those that lost the most time, longest first; none
	 * while the truth isn't told. */
	const struct proof *waits[TOLD_SIDES][TOLD_WAITS];
	size_t nwaits[TOLD_SIDES];
};

/* Puts together what may be told; who is wrong isn't told what would have been right. *a stays the
 * caller's, who frees *t with told_fini first. */
void told_make(const struct answer *a, struct told *t);
void told_fini(struct told *t);

/* Returns how many waits of a side lost time. */
size_t told_lost_waits(const struct answer *a, size_t side);

/* Returns "client.pcapng", "server.pcapng": the file of a side. */
const char *told_capture(size_t side);

#endif

/* rules_whole.h - what a connection that is over was as a whole: never answered, refused, dropped,
 * cut off, forgotten. docs/rules.md has each. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RULES_WHOLE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RULES_WHOLE_H

#include "scenarios/diagnosis/findings.h"
#include "scenarios/diagnosis/outline.h"
#include "scenarios/diagnosis/records.h"

/* The label of R16 where it rests on packets that never came. */
#define STALE_UNANSWERED "nothing came back"

/* Returns whether the SYN was answered by an RST at once (R2). */
bool is_refused(const struct connection *c, const struct outline *o);

/* Returns whether the server, which had answered before, ended the connection behind a request, by
 * FIN or RST and without a byte of its answer. */
bool is_request_dropped(const struct connection *c, const struct outline *o);

/* Returns what sends SYNs at these times, by its timer: a string constant; or NULL. */
const char *syn_sender(const int64_t syns[], unsigned n);

/* Fills *f when the connection, which is over or was until `end`, is a case of something. One
 * connection is one case at most. answers: the records of the server's stream. */
bool judge_whole_connection(const struct connection *c, const struct outline *o,
			    const struct records *answers, int64_t end, struct found *f);

#endif

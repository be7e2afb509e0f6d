/* proof_comments.h - what a diagnosis has found, as comments at the packets that prove it. */
#ifndef WEDGE_SCENARIOS_PROOF_COMMENTS_PROOF_COMMENTS_H
#define WEDGE_SCENARIOS_PROOF_COMMENTS_PROOF_COMMENTS_H

#include "scenarios/base/comments.h"
#include "scenarios/diagnosis/diagnosis.h"

/* Adds to *c, which comments_free frees, each wait and each case of a finding of a diagnosis that
 * was asked for each; sorted. */
void proof_comments_add(const struct diagnosis *d, struct comments *c);

/* Returns what the file's own comment says of them, to be freed. left_out: waits that none was kept
 * of. */
char *proof_comments_summary(uint64_t left_out, const struct comments *c) WG_MUSTUSE;

#endif

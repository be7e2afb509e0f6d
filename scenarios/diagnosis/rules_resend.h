/* rules_resend.h - waits that end because the sender believes something to be lost: R5 and R6, and
 * a path on which nothing is answered any more. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RULES_RESEND_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RULES_RESEND_H

#include "scenarios/diagnosis/gap.h"

gap_rule_fn rule_sent_again;
gap_rule_fn rule_tail_probe;
gap_rule_fn rule_path_dead;
gap_rule_fn rule_piece_missing;

#endif

/* drops.h - a capture whose file tells that packets were dropped: it comes to light at its end, and
 * nobody knows which connections they belonged to, so that no loss can be told from a gap of the
 * capture (R0). */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_DROPS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_DROPS_H

#include "scenarios/diagnosis/findings.h"
#include "scenarios/diagnosis/proofs.h"
#include "scenarios/diagnosis/ranking.h"
#include "scenarios/diagnosis/services.h"

/* Withdraw the causes that such a capture can't tell: of a service, of the connections listed, of
 * each wait.
 */
void drops_withhold_service(struct service *x);
void drops_withhold_ranking(struct ranking *r);
void drops_withhold_proofs(struct proofs *p);

/* Withdraws the findings that it can't tell. */
void drops_withhold_findings(struct findings *f);

#endif

/* rpc_answer.h - what the server of the workload "rpc" answers: always the same, or a list of
 * records. Private to the rpc files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_ANSWER_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_ANSWER_H

#include "scenarios/workload/rpc_peer.h"

struct rpc_answers;

/* Makes what the configuration says; of lists the records are drawn by the seed. */
struct rpc_answers *rpc_answers_new(const struct rpc_server_cfg *cfg, uint64_t seed);
void rpc_answers_free(struct rpc_answers *a);

/* Chooses the answer to a request (struct rpc_server_protocol): the server's mine are its answers.
 */
void rpc_answers_choose(struct server *s, struct peer *p);

#endif

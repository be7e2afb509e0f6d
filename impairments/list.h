/* list.h - every impairment that wedge has, one line each: a new impairment is its file and a line
 * here. */
#ifndef WEDGE_IMPAIRMENTS_LIST_H
#define WEDGE_IMPAIRMENTS_LIST_H

/* The order is that of the reference. X(NAME) stands for the symbol NAME_impairment. */
#define IMPAIRMENT_LIST(X)                                                                         \
	X(latency)                                                                                 \
	X(bandwidth)                                                                               \
	X(slicer)                                                                                  \
	X(stall)                                                                                   \
	X(gather)                                                                                  \
	X(filler)                                                                                  \
	X(drop)                                                                                    \
	X(blackhole)                                                                               \
	X(cut)                                                                                     \
	X(reset)                                                                                   \
	X(reset_on_data)                                                                           \
	X(corrupt)                                                                                 \
	X(refuse)                                                                                  \
	X(connection_limit)                                                                        \
	X(worker_pool)                                                                             \
	X(slow_close)                                                                              \
	X(hold_close)                                                                              \
	X(half_close)                                                                              \
	X(tls_stall)                                                                               \
	X(tls_delay)                                                                               \
	X(tls_half_record)                                                                         \
	X(tls_alert)                                                                               \
	X(tls_truncate)                                                                            \
	X(process_freeze)                                                                          \
	X(chaos)                                                                                   \
	X(delayed_ack)                                                                             \
	X(loss)                                                                                    \
	X(delay)                                                                                   \
	X(reorder)                                                                                 \
	X(duplicate)                                                                               \
	X(freeze)                                                                                  \
	X(syn_drop)                                                                                \
	X(syn_ack_delay)                                                                           \
	X(accept_queue_full)                                                                       \
	X(vanish)                                                                                  \
	X(mtu_blackhole)                                                                           \
	X(zero_window)                                                                             \
	X(window_unscaled)                                                                         \
	X(rst_inject)                                                                              \
	X(fin_swallow)

#endif

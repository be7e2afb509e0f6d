/* lab_reasons.c - what every lab needs to be measured in, and what this one's scenario asks for. */
#include "scenarios/lab/lab_reasons.h"

#include "proxy/base/attrs.h"
#include "proxy/base/mem.h"

#include <stdlib.h>

/* Pins of every lab. */
static const struct {
	const char *what, *why;
} always[] = {
    {"offloads", "off, gso_max_segs 1: a capture shows the packets that a wire would carry"},
    {"tcp_congestion_control", "reno: the flight depends on what the wire shows alone"},
    {"tcp_no_metrics_save", "1: a connection learns nothing from the one before"},
    {"tcp_autocorking", "0: a packet that waits in wedge's queue holds back no write"},
    {"cpu", "one for all of the lab: two that send on one connection reorder its segments"},
    {"neighbours", "permanent: no ARP or neighbour discovery between packets"},
};

json_t *lab_reasons(const struct lab_spec *spec)
{
	json_t *j = json_object();

	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		json_object_set_new(j, always[i].what, json_string(always[i].why));
	if (spec->quickack)
		json_object_set_new(
		    j, "quickack",
		    json_string("on, asked for by the scenario: only wedge delays an ACK"));
	if (spec->rto_min_ms) {
		char *text = xasprintf("%u ms, asked for by the scenario: nobody resends while an "
				       "ACK is held",
				       spec->rto_min_ms);

		json_object_set_new(j, "rto_min", json_string(text));
		free(text);
	}
	if (spec->no_tail_loss_probe)
		json_object_set_new(j, "tail_loss_probe",
				    json_string("off, asked for by the scenario: tcp_early_retrans "
						"0, the first resend is the time-out's"));
	return j;
}

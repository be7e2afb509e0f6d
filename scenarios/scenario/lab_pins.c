/* lab_pins.c - one table of pins; a sender that resends while its ACK is held is what they are for.
 */
#include "scenarios/scenario/lab_pins.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/units.h"

/* The least retransmission time-out of Linux (TCP_RTO_MIN, include/net/tcp.h). */
#define KERNEL_RTO_MIN	    (200 * NS_PER_MS)
/* The least that "wedge proxy" takes (proxy/config). */
#define CONNECT_TIMEOUT_MIN (10 * NS_PER_MS)
/* From a hold's begin to its ACK at the sender, beside the hold itself. */
#define PATIENCE	    (50 * NS_PER_MS)

static const char *const tls_names[] = {"passthrough", "terminate", NULL}; /* lab_tls */

const struct param lab_pin_params[] = {
    P_FLAG("quickack", struct lab_pins, quickack, .def = "off",
	   .help =
	       "every host acknowledges at once (route attribute quickack), instead of after up "
	       "to 40 ms as Linux does where no answer carries the ACK"),
    P_DURATION("rto_min", struct lab_pins, rto_min, .def = "0",
	       .help = "no host sends anything again before that time (route attribute rto_min); "
		       "0: the kernel's own, 200 ms"),
    P_FLAG("tail_loss_probe", struct lab_pins, tail_loss_probe, .def = "on",
	   .help = "RFC 8985's probe, which Linux sends before its time-out: "
		   "net.ipv4.tcp_early_retrans"),
    P_DURATION("connect_timeout", struct lab_pins, connect_timeout, .def = "0", .max = "1h",
	       .help = "how long wedge waits for a server, at least 10ms; 0: as long as its "
		       "kernel sends SYNs, 127 s"),
    P_ENUM("place", struct lab_pins, place, place_names, .def = "path",
	   .help = "where wedge stands: on the path between the hosts, each capture on a side of "
		   "it; or in the client or the server, as that host's own driver or service: both "
		   "captures are mirrors of the hosts' switch ports, and show what it does as that "
		   "host's doing"),
    P_ENUM("tls", struct lab_pins, tls, tls_names, .def = "passthrough",
	   .help = "terminate: wedge speaks TLS with the clients, by a certificate of an authority "
		   "that is made for the run (ca.pem in its folder), and clear text with the "
		   "servers: faults inside of TLS fall on the byte"),
    P_END,
};

static int set_pin(const struct param *p, struct lab_pins *pins, const char *value, struct err *e)
{
	struct lab_pins fresh = *pins;

	if (param_set(p, &fresh, value, e) == -1)
		return -1;
	if (fresh.connect_timeout && fresh.connect_timeout < CONNECT_TIMEOUT_MIN)
		return err_set(e,
			       "%s: '%.40s' is less than 10ms; it takes a duration from 10ms to "
			       "1h, or 0 for the kernel's own",
			       p->name, value);
	*pins = fresh;
	return 0;
}

int lab_pins_set(struct lab_pins *pins, const char *key, const char *value, struct err *e)
{
	const struct param *p = param_find(lab_pin_params, key);
	char hint[NEAREST_HINT];
	const char *names[8] = {"intercept"}, *near;

	if (p)
		return set_pin(p, pins, value, e);
	for (size_t n = 1; n < ARRAY_LEN(names) - 1 && lab_pin_params[n - 1].name; n++)
		names[n] = lab_pin_params[n - 1].name;
	near = nearest_name(key, names);
	return err_set(e,
		       "a lab has no setting '%.60s'%s; accepted are intercept, quickack, "
		       "rto_min, tail_loss_probe, connect_timeout, place and tls",
		       key, nearest_hint(hint, near));
}

int lab_pins_check(const struct lab_pins *pins, enum intercept intercept, struct err *e)
{
	if (intercept != INTERCEPT_FORWARD)
		return 0;
	if (pins->tls != LAB_TLS_PASSTHROUGH)
		return err_set(e, "tls has no effect with intercept forward, where wedge ends no "
				  "connection; passthrough is accepted");
	if (!pins->connect_timeout)
		return 0;
	return err_set(e, "connect_timeout has no effect with intercept forward, where wedge dials "
			  "nobody; 0 is accepted");
}

char *lab_pins_missing(const struct lab_pins *pins, const struct phase *p)
{
	int64_t rto = pins->rto_min ? pins->rto_min : KERNEL_RTO_MIN;
	char hold_text[UNITS_TEXT], rto_text[UNITS_TEXT], need_text[UNITS_TEXT];

	for (size_t i = 0; i < p->impairments->n; i++) {
		const struct impair_inst *inst = &p->impairments->inst[i];
		const struct impairment *imp = inst->type;
		int64_t hold = imp->ack_hold ? imp->ack_hold(inst->cfg) : 0;

		if (hold + PATIENCE <= rto)
			continue;
		return xasprintf("%s: %s holds ACKs for %s, and senders resend after %s: those "
				 "resends are the lab's; lab: {quickack: on, rto_min: %s, "
				 "tail_loss_probe: off} keeps them away",
				 p->name, imp->name, format_duration(hold, hold_text),
				 format_duration(rto, rto_text),
				 format_duration(2 * hold, need_text));
	}
	return NULL;
}

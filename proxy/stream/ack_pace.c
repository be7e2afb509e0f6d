/* ack_pace.c - four states; each is left by the sink's ACK or by the one timer. */
#include "proxy/stream/ack_pace.h"

#include "proxy/base/clock.h"
#include "proxy/base/units.h"

/* wedge's ACK goes ahead of the sink's after this time: soon enough that the kernel hasn't sent it
 * by itself (sock_ack.h). */
#define HEAD_START (25 * NS_PER_MS)

static void arm_timer(struct ack_pace *p, int64_t delay)
{
	const struct env *env = p->flow->env;

	timer_arm(env->timers, &p->timer, clock_now(env->clock) + delay);
}

static void go_idle(struct ack_pace *p)
{
	timer_cancel(p->flow->env->timers, &p->timer);
	p->state = ACK_PACE_IDLE;
	flow_resume(p->flow, PAUSE_ACK);
}

static void timer_cb(void *arg, int64_t now)
{
	struct ack_pace *p = arg;

	(void)now;
	if (p->state == ACK_PACE_TRAVELS) {
		go_idle(p);
		return;
	}
	p->state = ACK_PACE_AHEAD;
	flow_pause(p->flow, PAUSE_ACK);
	p->ops->ack(p->arg);
}

void ack_pace_start(struct ack_pace *p, struct flow *flow, const struct ack_pace_ops *ops,
		    void *arg)
{
	*p = (struct ack_pace){.state = ACK_PACE_IDLE, .flow = flow, .ops = ops, .arg = arg};
	p->timer.fn = timer_cb;
	p->timer.arg = p;
}

void ack_pace_read(struct ack_pace *p)
{
	if (p->state != ACK_PACE_IDLE && p->state != ACK_PACE_WAITS)
		return;
	if (p->ops->unacked(p->arg)) {
		p->state = ACK_PACE_WAITS;
		arm_timer(p, HEAD_START); /* anew: a source that goes on sending doesn't wait */
	} else {
		go_idle(p);
		p->ops->ack(p->arg);
	}
}

void ack_pace_look(struct ack_pace *p)
{
	int64_t round_trip;

	if ((p->state != ACK_PACE_WAITS && p->state != ACK_PACE_AHEAD) || p->ops->unacked(p->arg))
		return;
	if (p->state == ACK_PACE_WAITS) {
		go_idle(p);
		p->ops->ack(p->arg);
		return;
	}
	round_trip = p->ops->round_trip(p->arg);
	p->state = ACK_PACE_TRAVELS;
	if (round_trip)
		arm_timer(p, round_trip);
	else
		go_idle(p);
}

void ack_pace_stop(struct ack_pace *p)
{
	if (p->state != ACK_PACE_OFF)
		go_idle(p);
	p->state = ACK_PACE_OFF;
}

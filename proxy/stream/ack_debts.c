/* ack_debts.c - all wait equally long, so a list is in order by itself, and one timer is enough: it
 * isn't taken back when the first debt is settled, but looks once in vain. */
#include "proxy/stream/ack_debts.h"

static void remove_debt(struct ack_debts *d, struct ack_debt *a)
{
	TAILQ_REMOVE(&d->owed, a, entry);
	a->owed = false;
}

static void timer_cb(void *arg, int64_t now)
{
	struct ack_debts *d = arg;
	struct ack_debt *a;

	while ((a = TAILQ_FIRST(&d->owed)) && a->due <= now) {
		remove_debt(d, a);
		d->ack(a->fd);
	}
	if (a)
		timer_arm(d->env->timers, &d->timer, a->due);
}

void ack_debts_init(struct ack_debts *d, const struct env *env, void (*ack)(int fd))
{
	*d = (struct ack_debts){.env = env, .ack = ack};
	d->timer.fn = timer_cb;
	d->timer.arg = d;
	TAILQ_INIT(&d->owed);
}

void ack_debts_fini(struct ack_debts *d)
{
	timer_cancel(d->env->timers, &d->timer);
}

void ack_debts_owe(struct ack_debts *d, struct ack_debt *a, int fd)
{
	if (a->owed)
		return;
	a->owed = true;
	a->fd = fd;
	a->due = clock_now(d->env->clock) + ACK_DEBT_PATIENCE;
	TAILQ_INSERT_TAIL(&d->owed, a, entry);
	if (!timer_armed(&d->timer))
		timer_arm(d->env->timers, &d->timer, a->due);
}

void ack_debts_settle(struct ack_debts *d, struct ack_debt *a)
{
	if (a->owed)
		remove_debt(d, a);
}

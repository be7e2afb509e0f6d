/* splice_choice.c - goes over to a pipe after some large pieces in a row, and back after as many
 * small ones: one piece of the other size among many changes nothing. */
#include "proxy/stream/flow/splice_choice.h"

void splice_choice_note(struct splice_choice *c, size_t bytes)
{
	bool against = c->on ? bytes < SPLICE_SMALL : bytes >= SPLICE_LARGE;

	c->row = against ? (unsigned char)(c->row + 1) : 0;
	if (c->row < SPLICE_AFTER)
		return;
	c->on = !c->on;
	c->row = 0;
}

void splice_choice_reset(struct splice_choice *c)
{
	*c = (struct splice_choice){0};
}

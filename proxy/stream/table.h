/* table.h - what session.c and table.c share: the lists that a session is in. For those two only.
 */
#ifndef WEDGE_STREAM_TABLE_H
#define WEDGE_STREAM_TABLE_H

#include "proxy/stream/session.h"

void session_enlist(struct session *s); /* it begins */
void session_delist(struct session *s); /* it is closed: freed at the end of the turn */
void session_wake(struct session *s);	/* session_turn at the end of this turn */

void session_turn(struct session *s);
void session_free(struct session *s);

#endif

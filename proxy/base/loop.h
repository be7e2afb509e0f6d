/* loop.h - one event loop: libevent for descriptors, an epoll of their own for sockets that move
 * bytes, one absolute timerfd for time, a list of work deferred to the end of the turn. One loop
 * per engine and thread; nothing here is shared. */
#ifndef WEDGE_BASE_LOOP_H
#define WEDGE_BASE_LOOP_H

#include "proxy/base/clock.h"
#include "proxy/base/err.h"
#include "proxy/base/timerq.h"

struct event;
struct event_base;
struct loop;
struct edge_set;

/* libevent's own timers are up to 0.7 ms early and milliseconds late; this loop's are one
 * CLOCK_MONOTONIC timerfd (TFD_TIMER_ABSTIME) as an ordinary event, with PR_SET_TIMERSLACK 1. */
struct loop *loop_new(struct err *e) WG_MUSTUSE;
void loop_free(struct loop *l);

struct event_base *loop_base(struct loop *l);
struct edge_set *loop_edges(struct loop *l); /* for sockets that have many edges (edge_set.h) */
struct timerq *loop_timers(struct loop *l);
const struct clock *loop_clock(struct loop *l);

/* Calls fn(fd, what, arg) whenever what happens (EV_READ, EV_PERSIST and the others of
 * event2/event.h), until event_free. NULL with errno where the kernel can't watch fd: ENOMEM, or
 * ENOSPC, when its user has as many watches as one may (fs.epoll.max_user_watches, epoll(7)). */
struct event *loop_watch(struct loop *l, int fd, short what,
			 void (*fn)(int fd, short what, void *arg), void *arg) WG_MUSTUSE;

/* Runs fn(arg) once at the end of the present turn, after all callbacks. Objects are freed there.
 */
void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg);

/* Runs until loop_stop. 0, or -1 when libevent failed. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif

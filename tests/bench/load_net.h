/* load_net.h - sockets, clock and memory of the load generator; knows nothing of wedge nor of what
 * is measured. */
#ifndef WEDGE_BENCH_LOAD_NET_H
#define WEDGE_BENCH_LOAD_NET_H

#include <stddef.h>
#include <stdint.h>

struct sockaddr_in;

#define LOAD_BUFFER (256 * 1024)
#define LOAD_EVENTS 256

/* Ends the program with the words and errno's. */
void load_die(const char *what);

/* CLOCK_MONOTONIC in nanoseconds, which is the same for all processes of this host. */
int64_t load_now(void);

/* "ADDRESS:PORT", IPv4. Ends the program when it isn't. */
struct sockaddr_in load_address(const char *text);

/* A listening socket, non-blocking, or a connected one: non-blocking after its connect(), without
 * Nagle's delay. */
int load_listen(const char *address);
int load_dial(const char *address);

/* Closes with RST. */
void load_reset(int fd);

/* An epoll instance, and a descriptor added to it with these events. */
int load_epoll(void);
void load_watch(int epoll, int fd, uint32_t events);

/* Zeroed memory that processes which are forked later share. It is never freed. */
void *load_shared(size_t size);

/* As many descriptors as this user may have. */
void load_raise_limit(void);

/* The number in a word; ends the program when it isn't one. */
double load_number(const char *word);

#endif

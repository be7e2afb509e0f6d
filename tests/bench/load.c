/* load.c - the load generator of tests/bench: no code of wedge's is in it, so it measures any
 * proxy, or none. */
#include "tests/bench/load_net.h"
#include "tests/bench/load_rate.h"
#include "tests/bench/load_server.h"
#include "tests/bench/load_sessions.h"

#include <stdio.h>
#include <string.h>

/* ADDRESS:PORT: gives back whatever comes, until it is ended. */
static int serve_echo(char **words)
{
	struct load_seen *seen = load_shared(sizeof(*seen));

	load_serve(words[0], LOAD_ECHO, seen);
}

static const struct {
	const char *name;
	int least, most;
	int (*run)(char **words);
	const char *words;
} COMMANDS[] = {
    {"bulk", 4, 5, load_bulk, "DIAL LISTEN CONNECTIONS SECONDS [BYTES_PER_SECOND]"},
    {"ping", 5, 5, load_ping, "DIAL LISTEN|- CONNECTIONS SECONDS SIZE"},
    {"connect", 4, 4, load_connect, "DIAL LISTEN AT_ONCE SECONDS"},
    {"sessions", 4, 4, load_sessions, "DIAL LISTEN CONNECTIONS idle|stalled"},
    {"paced", 5, 5, load_paced, "DIAL LISTEN CONNECTIONS MESSAGES_PER_SECOND SECONDS"},
    {"echo", 1, 1, serve_echo, "LISTEN"},
};

int main(int argc, char **argv)
{
	load_raise_limit();
	for (size_t i = 0; i < sizeof(COMMANDS) / sizeof(COMMANDS[0]); i++)
		if (argc > 1 && strcmp(argv[1], COMMANDS[i].name) == 0 &&
		    argc - 2 >= COMMANDS[i].least && argc - 2 <= COMMANDS[i].most)
			return COMMANDS[i].run(argv + 2);
	for (size_t i = 0; i < sizeof(COMMANDS) / sizeof(COMMANDS[0]); i++)
		fprintf(stderr, "usage: load %s %s\n", COMMANDS[i].name, COMMANDS[i].words);
	return 2;
}

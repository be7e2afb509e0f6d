/* client_program.h - which program a command is about, behind simple wrappers: sh -c, env, timeout.
 * Runs nothing, and knows no client. */
#ifndef WEDGE_SCENARIOS_CHECK_CLIENT_PROGRAM_H
#define WEDGE_SCENARIOS_CHECK_CLIENT_PROGRAM_H

/* Returns the program's name without its folder, "curl" of "/usr/bin/curl", of "timeout 5 curl",
 * and of "sh -c 'X=y exec curl'". What isn't as plain as these is what the wrapper is: "sh" of "sh
 * -c 'curl a; curl b'". The caller frees. */
char *client_program_find(char *const *argv);

#endif

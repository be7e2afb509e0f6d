/* nearest.h - the name that a mistyped one was probably meant to be. Knows no names itself. */
#ifndef WEDGE_BASE_NEAREST_H
#define WEDGE_BASE_NEAREST_H

/* Returns the name among names (NULL-terminated) that is nearest to wrong by edit distance, or NULL
 * when none is near enough to be meant. */
const char *nearest_name(const char *wrong, const char *const *names);

#define NEAREST_HINT 160 /* bytes of a hint; a name that is longer than its room is cut */

/* Writes " (did you mean 'near'?)", or nothing when near is NULL, for the middle of a message.
 * Returns buf. */
const char *nearest_hint(char buf[NEAREST_HINT], const char *near);

#endif

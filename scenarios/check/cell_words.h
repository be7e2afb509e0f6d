/* cell_words.h - how the command learns where its server is, and which authority has certified it.
 */
#ifndef WEDGE_SCENARIOS_CHECK_CELL_WORDS_H
#define WEDGE_SCENARIOS_CHECK_CELL_WORDS_H

#include "scenarios/check/plan.h"

/* Returns a command's words with "{url}", "{host}", "{port}", "{ca}" and "{dir}" filled in, for
 * words_free; the authority is ca.pem of the folder. */
char **cell_words(const struct check_plan *plan, char *const *argv, const char *folder);

/* Names that file in the environment that this process's programs get. */
void cell_offer_authority(const char *folder);

#endif

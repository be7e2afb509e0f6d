/* foreign_words.h - what other tools call our faults. */
#ifndef WEDGE_IMPAIRMENTS_SET_FOREIGN_WORDS_H
#define WEDGE_IMPAIRMENTS_SET_FOREIGN_WORDS_H

/* Returns which impairments do what another tool calls by that name, as the end of a sentence
 * ("bandwidth limits a rate"); NULL for a name that no tool has. Case doesn't matter. */
const char *foreign_word_means(const char *name);

#endif

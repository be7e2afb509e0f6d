/* unit_words.h - what else people write for a unit: "msec", "kb", "Mbps". */
#ifndef WEDGE_BASE_UNIT_WORDS_H
#define WEDGE_BASE_UNIT_WORDS_H

#include <stddef.h>

enum unit_kind { UNIT_DURATION, UNIT_SIZE, UNIT_RATE };

/* What a spelling means: a unit, as units.c spells it. Without one, it isn't taken, and a unit is
 * offered instead; two, when it has two meanings. */
struct unit_word {
	const char *unit;
	const char *either, *other;
};

/* Finds what the len bytes at text mean as a unit of that kind, when they aren't spelt as units.c
 * has it. Returns constant memory; NULL when nobody writes that. */
const struct unit_word *unit_word_find(enum unit_kind kind, const char *text, size_t len);

#endif

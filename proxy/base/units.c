/* units.c - reads durations, sizes, rates and percentages exactly, in whole numbers. */
#include "proxy/base/units.h"

#include "proxy/base/clock.h"
#include "proxy/base/unit_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

/* More than any exact value needs, and mantissa * factor can't overflow: 10^24 * 10^14 < 2^127. */
#define DIGITS_MAX 24

/* mantissa / 10^decimals, exactly as written */
struct number {
	wide mantissa;
	unsigned decimals;
	const char *end;
};

struct unit {
	const char *name;
	uint64_t factor;  /* in the smallest unit of its kind */
	uint64_t divisor; /* 1, but 8 for bits in bytes */
};

#define MINUTE_NS (60 * NS_PER_S)

static const struct unit durations[] = {
    {"ns", 1, 1},	 {"us", NS_PER_US, 1},	   {"ms", NS_PER_MS, 1},       {"s", NS_PER_S, 1},
    {"m", MINUTE_NS, 1}, {"h", 60 * MINUTE_NS, 1}, {"d", 1440 * MINUTE_NS, 1}, {NULL, 0, 0},
};
static const struct unit sizes[] = {
    {"B", 1, 1},	 {"KB", 1000, 1},	{"KiB", 1024, 1},	{"MB", 1000000, 1},
    {"MiB", 1048576, 1}, {"GB", 1000000000, 1}, {"GiB", 1073741824, 1}, {"kB", 1000, 1},
    {NULL, 0, 0},
};
static const struct unit rates[] = {
    {"B/s", 1, 1},	   {"kB/s", 1000, 1},	    {"KiB/s", 1024, 1},	       {"MB/s", 1000000, 1},
    {"MiB/s", 1048576, 1}, {"GB/s", 1000000000, 1}, {"GiB/s", 1073741824, 1},  {"bit/s", 1, 8},
    {"kbit/s", 1000, 8},   {"Mbit/s", 1000000, 8},  {"Gbit/s", 1000000000, 8}, {"KB/s", 1000, 1},
    {NULL, 0, 0},
};

/* What a kind of quantity is called in errors. */
struct kind {
	const char *what, *units, *example, *too_fine;
	enum unit_kind words; /* whose other spellings are known, too */
	const struct unit *table;
	uint64_t max;
	bool bare; /* a number without unit counts in the smallest unit */
};

static const struct kind duration_kind = {
    .what = "a duration",
    .units = "ns us ms s m h d",
    .example = "200ms",
    .too_fine = "a whole number of nanoseconds",
    .words = UNIT_DURATION,
    .table = durations,
    .max = INT64_MAX,
};
static const struct kind size_kind = {
    .what = "a size",
    .units = "B KB KiB MB MiB GB GiB",
    .example = "16KiB",
    .too_fine = "a whole number of bytes",
    .words = UNIT_SIZE,
    .table = sizes,
    .max = UINT64_MAX,
    .bare = true,
};
static const struct kind rate_kind = {
    .what = "a rate",
    .units = "B/s kB/s KiB/s MB/s MiB/s GB/s GiB/s bit/s kbit/s Mbit/s Gbit/s",
    .example = "8Mbit/s",
    .too_fine = "a whole number of bytes per second",
    .words = UNIT_RATE,
    .table = rates,
    .max = UINT64_MAX,
};

/* Digits with an optional fraction; false when text starts with none or has too many. */
static bool read_number(const char *text, struct number *n)
{
	unsigned digits = 0;
	bool point = false;

	*n = (struct number){.end = text};
	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*n->end) ||
	       (!point && *n->end == '.' && isdigit((unsigned char)n->end[1]));
	     n->end++) {
		if (*n->end == '.') {
			point = true;
			continue;
		}
		n->mantissa = n->mantissa * 10 + (unsigned)(*n->end - '0');
		n->decimals += point;
		digits += digits || *n->end != '0' || point;
		if (digits > DIGITS_MAX)
			return false;
	}
	return true;
}

static wide power_of_ten(unsigned n)
{
	wide p = 1;

	while (n--)
		p *= 10;
	return p;
}

static const struct unit *find_exact(const struct unit *table, const char *name, size_t len)
{
	for (const struct unit *u = table; u->name; u++)
		if (strlen(u->name) == len && strncmp(u->name, name, len) == 0)
			return u;
	return NULL;
}

/* The unit that the len bytes at name spell, in whichever way; NULL with *e, which may be NULL:
 * number is what stands before it, for the spelling that is offered. */
static const struct unit *find_unit(const struct kind *k, const char *number, const char *name,
				    size_t len, struct err *e)
{
	const struct unit *unit = find_exact(k->table, name, len);
	const struct unit_word *word = unit ? NULL : unit_word_find(k->words, name, len);
	int digits = (int)strspn(number, "0123456789.");

	if (unit)
		return unit;
	if (word && word->unit)
		return find_exact(k->table, word->unit, strlen(word->unit));
	if (word && word->other)
		err_set(e, "'%s' has two meanings: %.*s%s or %.*s%s would do", number, digits,
			number, word->either, digits, number, word->other);
	else if (word)
		err_set(e, "'%s' is not %s; %.*s%s would be one", number, k->what, digits, number,
			word->either);
	else
		err_set(e, "'%s' has no unit I know (%s)", number, k->units);
	return NULL;
}

static int parse_whole(const struct kind *k, const char *text, uint64_t *out, struct err *e)
{
	static const struct unit smallest = {"", 1, 1};
	const struct unit *unit;
	const char *name;
	struct number n;
	wide scaled, divisor;

	if (!read_number(text, &n))
		return err_set(
		    e, "'%s' is not %s: a number of up to %d digits with a unit (%s), such as %s",
		    text, k->what, DIGITS_MAX, k->units, k->example);
	name = n.end + strspn(n.end, " ");
	unit = !*name && (k->bare || n.mantissa == 0) ? &smallest
						      : find_unit(k, text, name, strlen(name), e);
	if (!unit)
		return -1;
	scaled = n.mantissa * unit->factor;
	divisor = power_of_ten(n.decimals) * unit->divisor;
	if (scaled / divisor > k->max)
		return err_set(e, "'%s' is too much for %s", text, k->what);
	if (scaled % divisor)
		return err_set(e, "'%s' is not %s", text, k->too_fine);
	*out = (uint64_t)(scaled / divisor);
	return 0;
}

int parse_duration(const char *text, int64_t *ns, struct err *e)
{
	uint64_t value;

	if (parse_whole(&duration_kind, text, &value, e) == -1)
		return -1;
	*ns = (int64_t)value;
	return 0;
}

int parse_size(const char *text, uint64_t *bytes, struct err *e)
{
	return parse_whole(&size_kind, text, bytes, e);
}

int parse_rate(const char *text, uint64_t *bytes_per_s, struct err *e)
{
	return parse_whole(&rate_kind, text, bytes_per_s, e);
}

/* strtod rounds correctly; a percentage is read as the number times ten to the minus two. */
int parse_fraction(const char *text, double *fraction, struct err *e)
{
	char digits[DIGITS_MAX * 3];
	struct number n;
	bool read = read_number(text, &n);
	bool percent = read && *n.end == '%';
	double value;

	if (!read || n.end[percent] != '\0' || n.end - text > (ptrdiff_t)DIGITS_MAX * 2)
		return err_set(e, "'%s' is not a fraction; 5%% or 0.05 would be one", text);
	snprintf(digits, sizeof(digits), "%.*s%s", (int)(n.end - text), text, percent ? "e-2" : "");
	value = strtod(digits, NULL);
	if (value > 1)
		return err_set(e, "'%s' is more than the whole; 0 to 1 or 0%% to 100%% would do",
			       text);
	*fraction = value;
	return 0;
}

int parse_count(const char *text, uint64_t *n, struct err *e)
{
	struct number number;

	if (!read_number(text, &number) || *number.end || number.decimals)
		return err_set(e, "'%s' is not a whole number, such as 60", text);
	if (number.mantissa > UINT64_MAX)
		return err_set(e, "'%s' is too much for a count", text);
	*n = (uint64_t)number.mantissa;
	return 0;
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The longest unit that text starts with and that isn't the start of a longer word. */
static const struct unit *longest_unit(const struct unit *table, const char *text, size_t *len)
{
	const struct unit *best = NULL;

	for (const struct unit *u = table; u->name; u++) {
		size_t n = strlen(u->name);

		if (n > *len && strncmp(text, u->name, n) == 0 && !is_word_char(text[n])) {
			best = u;
			*len = n;
		}
	}
	return best;
}

/* A kind's units in an expectation, in which a duration counts in seconds. */
static const struct {
	const struct kind *kind;
	uint64_t divisor;
	char letter;
} quantities[] = {
    {&duration_kind, (uint64_t)NS_PER_S, 's'}, {&size_kind, 1, 'b'}, {&rate_kind, 1, 'R'}};

/* Takes the unit at text when it is spelt as in the tables; it ends where *len, 0 before, says. */
static void take_exact(const char *text, size_t *len, struct unit *unit, char *letter)
{
	static const struct unit percent[] = {{"%", 1, 100}, {NULL, 0, 0}};
	const struct unit *u;

	for (size_t i = 0; i < ARRAY_LEN(quantities); i++) {
		u = longest_unit(quantities[i].kind->table, text, len);
		if (!u)
			continue;
		*unit = *u;
		unit->divisor *= quantities[i].divisor;
		*letter = quantities[i].letter;
	}
	u = longest_unit(percent, text, len);
	if (!u)
		return;
	*unit = *u;
	*letter = 'r';
}

/* The same for another spelling of a word of letters, with a "/s" or without. */
static void take_spelling(const char *text, size_t *len, struct unit *unit, char *letter)
{
	size_t n = 0;

	while (isalpha((unsigned char)text[n]))
		n++;
	if (n && strncmp(text + n, "/s", 2) == 0 && !is_word_char(text[n + 2]))
		n += 2;
	for (size_t i = 0; n && *len == 0 && i < ARRAY_LEN(quantities); i++) {
		const struct unit *u = find_unit(quantities[i].kind, "", text, n, NULL);

		if (!u)
			continue;
		*unit = *u;
		unit->divisor *= quantities[i].divisor;
		*letter = quantities[i].letter;
		*len = n;
	}
}

int parse_quantity(const char *text, double *value, char *letter, const char **end, struct err *e)
{
	struct unit unit = {"", 1, 1};
	struct number n;
	const char *at;
	size_t len = 0;

	if (!read_number(text, &n))
		return err_set(e, "'%.40s' is not a number", text);
	*letter = n.mantissa == 0 ? '\0' : 'n';
	at = n.end + strspn(n.end, " ");
	take_exact(at, &len, &unit, letter);
	if (len == 0) {
		at = n.end;
		take_spelling(at, &len, &unit, letter);
	}
	if (is_word_char(at[len]))
		return err_set(e, "'%.40s' has no unit I know (%s; %s; %s; %%)", text,
			       duration_kind.units, size_kind.units, rate_kind.units);
	*value = (double)((long double)(n.mantissa * unit.factor) /
			  ((long double)power_of_ten(n.decimals) * unit.divisor));
	*end = at + len;
	return 0;
}

/* value / factor as a decimal, exact; false when it has none that fits. */
static bool exact_decimal(uint64_t value, uint64_t factor, char *buf, size_t room)
{
	int used = snprintf(buf, room, "%llu", (unsigned long long)(value / factor));
	wide rest = value % factor;

	if (rest)
		buf[used++] = '.';
	while (rest && (size_t)used + 1 < room) {
		rest *= 10;
		buf[used++] = (char)('0' + (int)(rest / factor));
		rest %= factor;
	}
	buf[used] = '\0';
	return rest == 0;
}

/* Writes value, rounded, in its unit, or in the smallest one where it has no exact decimal. */
static char *round_whole(double value, const struct unit *unit, const struct unit *smallest,
			 char buf[UNITS_ROUNDED])
{
	uint64_t whole = (uint64_t)(value * (double)unit->factor / (double)unit->divisor + 0.5);
	char digits[24];

	if (exact_decimal(whole * unit->divisor, unit->factor, digits, sizeof(digits)))
		snprintf(buf, UNITS_ROUNDED, "%s%s", digits, unit->name);
	else
		snprintf(buf, UNITS_ROUNDED, "%llu%s", (unsigned long long)whole, smallest->name);
	return buf;
}

char *round_quantity(double value, const char *unit, char buf[UNITS_ROUNDED])
{
	const struct kind *const kinds[] = {&duration_kind, &size_kind, &rate_kind};
	const char *word = unit + strspn(unit, " ");
	size_t n;

	for (size_t i = 0; *word && i < ARRAY_LEN(kinds); i++) {
		const struct unit *u = find_unit(kinds[i], "", word, strlen(word), NULL);

		if (u && value >= 0 && value * (double)u->factor < 1e18)
			return round_whole(value, u, kinds[i]->table, buf);
	}
	n = (size_t)snprintf(buf, UNITS_ROUNDED, "%.9f", value);
	while (buf[n - 1] == '0')
		n--;
	n -= buf[n - 1] == '.';
	snprintf(buf + n, UNITS_ROUNDED - n, "%s", unit);
	return buf;
}

/* The shortest text; of equally short ones that of the larger unit. Bits are never chosen. */
static char *format_whole(const struct kind *k, uint64_t value, char buf[UNITS_TEXT])
{
	const struct unit *best = &k->table[0];

	snprintf(buf, UNITS_TEXT, "%llu%s", (unsigned long long)value, best->name);
	for (const struct unit *u = best + 1; u->name; u++) {
		char digits[24], text[UNITS_TEXT];
		size_t shortest;

		if (u->divisor != 1 || u->factor > value ||
		    !exact_decimal(value, u->factor, digits, sizeof(digits)))
			continue;
		snprintf(text, sizeof(text), "%s%s", digits, u->name);
		shortest = strlen(buf);
		if (strlen(text) < shortest ||
		    (strlen(text) == shortest && u->factor > best->factor)) {
			snprintf(buf, UNITS_TEXT, "%s", text);
			best = u;
		}
	}
	return buf;
}

char *format_duration(int64_t ns, char buf[UNITS_TEXT])
{
	BUG_ON(ns < 0);
	if (ns == 0) {
		snprintf(buf, UNITS_TEXT, "0s");
		return buf;
	}
	return format_whole(&duration_kind, (uint64_t)ns, buf);
}

char *format_size(uint64_t bytes, char buf[UNITS_TEXT])
{
	return format_whole(&size_kind, bytes, buf);
}

char *format_rate(uint64_t bytes_per_s, char buf[UNITS_TEXT])
{
	return format_whole(&rate_kind, bytes_per_s, buf);
}

/* A long double holds 100 times a double exactly. */
char *format_fraction(double fraction, char buf[UNITS_TEXT])
{
	for (int decimals = 0; decimals <= DIGITS_MAX; decimals++) {
		double back;

		snprintf(buf, UNITS_TEXT, "%.*Lf%%", decimals, (long double)fraction * 100);
		if (parse_fraction(buf, &back, NULL) == 0 && back == fraction)
			break;
	}
	return buf;
}

/* Three significant digits, and always one behind the point. */
char *format_seconds(double seconds, char buf[UNITS_TEXT])
{
	bool in_ms = seconds > -0.99995 && seconds < 0.99995;
	double value = in_ms ? seconds * 1e3 : seconds;
	double size = value < 0 ? -value : value;
	int decimals = 1;

	if (seconds != seconds) {
		snprintf(buf, UNITS_TEXT, "-");
		return buf;
	}
	for (double limit = 9.995; decimals < 6 && size > 0 && size < limit; limit /= 10)
		decimals++;
	snprintf(buf, UNITS_TEXT, "%.*f %s", decimals, value, in_ms ? "ms" : "s");
	return buf;
}

/* quantity.c - the unit's letter decides format and precision. */
#include "scenarios/scenario/quantity.h"

#include "proxy/base/units.h"

#include <math.h>
#include <string.h>

static char *format_number(double v, char buf[QUANTITY_TEXT])
{
	if (fabs(v) < 1e15 && v == floor(v))
		snprintf(buf, QUANTITY_TEXT, "%.0f", v);
	else
		snprintf(buf, QUANTITY_TEXT, "%.4g", v);
	return buf;
}

char *quantity_format(double v, char unit, char buf[QUANTITY_TEXT])
{
	char text[UNITS_TEXT];

	if (!isfinite(v)) {
		snprintf(buf, QUANTITY_TEXT, "-");
		return buf;
	}
	switch (unit) {
	case 's':
		snprintf(buf, QUANTITY_TEXT, "%s", format_seconds(v, text));
		return buf;
	case 'b':
		snprintf(buf, QUANTITY_TEXT, "%.0f B", v);
		return buf;
	case 'R':
		snprintf(buf, QUANTITY_TEXT, "%.0f B/s", v);
		return buf;
	case 'r':
		snprintf(buf, QUANTITY_TEXT, "%.3g %%", v * 100);
		return buf;
	case 'x':
		snprintf(buf, QUANTITY_TEXT, fabs(v) >= 1000 ? "%.0fx" : "%.3gx", v);
		return buf;
	default:
		return format_number(v, buf);
	}
}

char *quantity_format_exact(double v, char unit, char buf[QUANTITY_TEXT])
{
	switch (unit) {
	case 's':
		snprintf(buf, QUANTITY_TEXT, "%.12g ms", v * 1e3);
		return buf;
	case 'r':
		snprintf(buf, QUANTITY_TEXT, "%.15g %%", v * 100);
		return buf;
	case 'x':
		snprintf(buf, QUANTITY_TEXT, "%.15gx", v);
		return buf;
	default:
		snprintf(buf, QUANTITY_TEXT, "%.15g", v);
		return buf;
	}
}

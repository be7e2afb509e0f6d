/* pcapng_time.c - 128 bits hold every product; what a file gains by nonsense is a nonsensical
 * date. */
#include "scenarios/reader/pcapng_time.h"

#include "scenarios/reader/capture_record.h"

#define POWER_OF_TWO 0x80
#define NANOSECONDS  9
#define DIGITS_MAX   19 /* of a 64-bit number */

__extension__ typedef __int128 wide;

static uint64_t ten_to(unsigned power)
{
	uint64_t v = 1;

	while (power--)
		v *= 10;
	return v;
}

static wide to_nanoseconds(uint64_t units, uint8_t resolution)
{
	unsigned power = resolution & (POWER_OF_TWO - 1);

	if (resolution == NANOSECONDS)
		return units;
	if (resolution & POWER_OF_TWO) /* units < 2^64, NS_PER_S < 2^30 */
		return power >= 94 ? 0 : (wide)units * NS_PER_S >> power;
	if (power <= NANOSECONDS)
		return (wide)units * ten_to(NANOSECONDS - power);
	return power - NANOSECONDS > DIGITS_MAX ? 0 : units / ten_to(power - NANOSECONDS);
}

int64_t pcapng_time(uint64_t units, uint8_t resolution, int64_t offset)
{
	const wide max = (wide)CAPTURE_SECONDS_MAX * NS_PER_S;
	wide ns = to_nanoseconds(units, resolution) + (wide)offset * NS_PER_S;

	return (int64_t)(ns < 0 ? 0 : ns > max ? max : ns);
}

/* chunked_body.c - text is read byte by byte; a chunk's data is passed over, captured or not. */
#include "scenarios/analysis/chunked_body.h"

#define SIZE_DIGITS_MAX 12 /* a chunk of more than 2^48 bytes is garbage */

void chunked_body_begin(struct chunked_body *b, uint64_t seq)
{
	*b = (struct chunked_body){.at = CHUNKED_SIZE, .next = seq};
}

static int hex_value(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void end_size_line(struct chunked_body *b)
{
	b->at = b->left ? CHUNKED_DATA : CHUNKED_TRAILER;
	b->digits = 0;
}

static void take_size(struct chunked_body *b, uint8_t byte)
{
	int value = hex_value(byte);

	if (value != -1 && b->digits < SIZE_DIGITS_MAX) {
		b->left = (b->digits ? b->left << 4 : 0) | (uint64_t)value;
		b->digits += b->left || !b->digits;
	} else if (value != -1 || !b->digits) {
		b->at = CHUNKED_LOST;
	} else if (byte == '\n') {
		end_size_line(b);
	} else {
		bool blank = byte == ';' || byte == ' ' || byte == '\t' || byte == '\r';

		b->at = blank ? CHUNKED_EXTENSION : CHUNKED_LOST;
	}
}

static void take_byte(struct chunked_body *b, uint8_t byte)
{
	bool line_end = byte == '\n';

	if (b->at == CHUNKED_SIZE)
		take_size(b, byte);
	else if (b->at == CHUNKED_EXTENSION && line_end)
		end_size_line(b);
	else if (b->at == CHUNKED_DATA_END && byte != '\r')
		b->at = line_end ? CHUNKED_SIZE : CHUNKED_LOST;
	else if (b->at == CHUNKED_FIELD && line_end)
		b->at = CHUNKED_TRAILER;
	else if (b->at == CHUNKED_TRAILER && byte != '\r')
		b->at = line_end ? CHUNKED_WHOLE : CHUNKED_FIELD;
}

void chunked_body_take(struct chunked_body *b, uint64_t seq, const uint8_t *data, size_t captured,
		       size_t len)
{
	size_t i;

	if (b->at >= CHUNKED_WHOLE || seq > b->next || seq + len <= b->next)
		return;
	i = (size_t)(b->next - seq);
	while (i < len && b->at < CHUNKED_WHOLE) {
		if (b->at == CHUNKED_DATA) {
			size_t pass = len - i < b->left ? len - i : (size_t)b->left;

			i += pass;
			b->left -= pass;
			b->data += pass;
			b->at = b->left ? CHUNKED_DATA : CHUNKED_DATA_END;
		} else if (i < captured) {
			take_byte(b, data[i++]);
		} else {
			b->at = CHUNKED_LOST;
		}
	}
	b->next = seq + i;
}

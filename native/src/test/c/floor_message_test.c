#include "message.h"

#include <stdlib.h>

#include "check.h"
#include "child.h"

TEST(answers_carry_the_requests_sequence_and_count_oneways)
{
	struct message *request = new_message(CALL, 64);
	struct message reply = { 0 };

	request->sequence = 5;
	CHECK(answer(request, &reply) == &reply);
	CHECK(reply.kind == CALL && reply.size == 0 && reply.sequence == 5);
	request->kind = ECHO;
	CHECK(answer(request, &reply) == request);
	request->kind = ONEWAY;
	CHECK(!answer(request, &reply));
	CHECK(!answer(request, &reply));
	CHECK_EQ(await_oneways(2), 2);
	request->kind = FLUSH;
	CHECK(answer(request, &reply) == &reply);
	CHECK(reply.kind == FLUSH && reply.size == 0 && reply.sequence == 2);
	free(request);
}

static void answer_without_marker(void)
{
	struct message *request = new_message(CALL, 8);

	request->payload[7] = 0;
	answer(request, request);
}

static void answer_an_unknown_kind(void)
{
	answer(new_message(9, 0), NULL);
}

static void be_short(void)
{
	check_length(new_message(CALL, 8), 23);
}

static void be_answered_for_another_call(void)
{
	struct message *request = new_message(CALL, 0);
	struct message reply = { .kind = CALL, .sequence = 3 };

	request->sequence = 4;
	check_reply(&reply, request);
}

static void lose_oneways(void)
{
	struct message *flush = new_message(FLUSH, 0);
	struct message reply = { .kind = FLUSH, .sequence = 63 };

	flush->sequence = 64;
	check_reply(&reply, flush);
}

TEST(wrong_messages_end_the_process)
{
	static const struct {
		void (*run)(void);
		const char *line;
	} cases[] = {
		{ answer_without_marker, "failed a payload of 8 bytes ends in 0x3462726564696e, not in 0x6a3462726564696e" },
		{ answer_an_unknown_kind, "failed received a message of kind 9" },
		{ be_short, "failed received 23 bytes, whose header says size 8" },
		{ be_answered_for_another_call,
		  "failed the reply is kind 1, size 0, sequence 3; expected kind 1, size 0, sequence 4" },
		{ lose_oneways, "failed the reply is kind 4, size 0, sequence 63; expected kind 4, size 0, sequence 64" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct child child = run_function(cases[i].run);

		check_line(&child, cases[i].line);
		CHECK_EQ(end_child(&child), 1);
	}
}

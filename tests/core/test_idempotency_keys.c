/* tests/core/test_idempotency_keys.c - what is asked twice happens once: idempotency keys, and the client_order_ids of an account. */
#include "tests/world/world.h"

/* ---- keys ---- */

static void a_command_with_a_key_happens_once(void **state)
{
    struct world *w = *state;
    given(w, "KEY k BUY ann 1 @ 100"); /* ann's account and cash were commands 4 and 5 */
    when(w, "KEY k BUY ann 1 @ 100");
    then(w, "NOTHING", "ANSWERED REPEATED 6", "ORDERS 1", "TABLES keys 1");
}

static void a_key_that_comes_with_something_else_is_a_conflict(void **state)
{
    struct world *w = *state;
    given(w, "KEY k BODY one BUY ann 1 @ 100");
    when(w, "KEY k BODY two BUY ann 2 @ 100");
    then(w, "NOTHING", "ANSWERED CONFLICT", "ORDERS 1");
}

static void other_keys_are_other_commands(void **state)
{
    struct world *w = *state;
    given(w, "KEY k BUY ann 1 @ 100");
    when(w, "KEY l BUY ann 1 @ 100");
    then(w, "ANSWERED NEW", "ORDERS 2", "TABLES keys 2");
}

static void a_refused_command_keeps_its_key(void **state)
{
    struct world *w = *state;
    when(w, "KEY k BUY ann 1 @ 0", "KEY k BUY ann 1 @ 0");
    then(w, "REJECT ann PRICE_REQUIRED", "ANSWERED REPEATED 6");
}

static void a_key_is_forgotten_after_a_while(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS key_ttl_s 60", "KEY k BUY ann 1 @ 100");
    when(w, "WAIT +59s", "TICK", "KEY k BUY ann 1 @ 100", "WAIT +1s", "TICK", "KEY k BUY ann 1 @ 100");
    then(w, "ANSWERED NEW", "ORDERS 2", "TABLES keys 1");
}

static void a_key_that_is_still_remembered_counts_however_old(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS key_ttl_s 60", "KEY k BUY ann 1 @ 100");
    when(w, "WAIT +60s", "KEY k BUY ann 1 @ 100");
    then(w, "NOTHING", "ANSWERED REPEATED 6");
}

static void without_room_a_new_key_is_refused_at_the_door(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS keys_max 2 key_ttl_s 60", "KEY k BUY ann 1 @ 100", "KEY l BUY ann 1 @ 100");
    when(w, "KEY m BUY ann 1 @ 100");
    then(w, "NOTHING", "ANSWERED FULL", "ORDERS 2");
}

static void what_will_be_forgotten_makes_room(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS keys_max 2 key_ttl_s 60", "KEY k BUY ann 1 @ 100", "KEY l BUY ann 1 @ 100");
    when(w, "WAIT +60s", "KEY m BUY ann 1 @ 100");
    then(w, "ANSWERED NEW", "ORDERS 3", "TABLES keys 1");
}

static void a_key_can_be_cleared(void **state)
{
    struct world *w = *state;
    given(w, "KEY k BUY ann 1 @ 100");
    when(w, "CLEAR_KEY k", "CLEAR_KEY k", "KEY k BUY ann 1 @ 100");
    then(w, "KEY_CLEARED 9", "REJECT KEY_UNKNOWN field key", "ANSWERED NEW", "ORDERS 2");
}

static void a_command_may_clear_its_own_key(void **state)
{
    struct world *w = *state;
    when(w, "KEY k CLEAR_KEY k");
    then(w, "KEY_CLEARED 4", "TABLES keys 0");
}

static void who_asked_changes_nothing(void **state)
{
    struct world *w = *state;
    when(w, "ACTOR ops BUY ann 1 @ 100", "ACTOR key:7 CANCEL ann");
    then(w, "CANCELLED ann 1 REQUESTED", "TABLES keys 0");
}

/* ---- client_order_ids ---- */

static void an_account_uses_a_client_order_id_once(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 1 @ 100 ID a");
    when(w, "BUY ann 1 @ 100 ID a", "BUY ann 1 @ 100 ID b", "BUY bob 1 @ 100 ID a", "BUY ann 1 @ 100");
    then(w, "REJECT ann DUPLICATE_CLIENT_ORDER_ID field client_order_id value 393216 limit NONE", "ORDERS 4",
         "TABLES client_ids 3");
}

static void a_refused_order_uses_no_client_order_id(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann 1 @ 0 ID a", "BUY ann 1 @ 100 ID a");
    then(w, "REJECT ann PRICE_REQUIRED", "RESTS ann 1 @ 100", "TABLES client_ids 1");
}

static void an_order_that_is_done_at_once_uses_it_too(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann 1 @ 100 IOC ID a", "BUY ann 1 @ 100 ID a");
    then(w, "CANCELLED ann 1 IOC_REMAINDER", "REJECT ann DUPLICATE_CLIENT_ORDER_ID");
}

static void after_a_while_it_may_be_used_again_unless_its_order_is_open(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS key_ttl_s 60", "BUY ann 1 @ 100 ID a AS first", "BUY ann 1 @ 100 IOC ID b");
    when(w, "WAIT +60s", "BUY ann 1 @ 100 ID b", "BUY ann 1 @ 100 ID a", "CANCEL first", "BUY ann 1 @ 100 ID a");
    then(w, "REJECT ann DUPLICATE_CLIENT_ORDER_ID value 393216", "CANCELLED ann 1 REQUESTED", "ORDERS 2",
         "TABLES client_ids 2");
}

static void the_entry_of_a_group_and_an_order_at_a_broker_use_one_too(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "OTO BUY ann 1 @ 90 ID a THEN SELL @ 110", "BUY ann 1 @ 90 ID b VENUE ALPHA");
    when(w, "BUY ann 1 @ 100 ID a", "BUY ann 1 @ 100 ID b VENUE ALPHA",
         "BRACKET BUY ann 1 @ 90 ID b TAKE @ 110 LOSS @ MARKET STOP 80");
    then(w, "REJECT ann DUPLICATE_CLIENT_ORDER_ID", "REJECT ann DUPLICATE_CLIENT_ORDER_ID",
         "REJECT ann DUPLICATE_CLIENT_ORDER_ID");
}

static void the_engine_remembers_so_many_client_order_ids(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS client_ids_max 2 key_ttl_s 60", "BUY ann 1 @ 100 IOC ID a", "BUY ann 1 @ 100 ID b");
    when(w, "BUY ann 1 @ 100 ID c", "BUY ann 1 @ 100", "WAIT +60s", "BUY ann 1 @ 100 ID c", "BUY ann 1 @ 100 ID d");
    then(w, "REJECT ann CLIENT_IDS_FULL field NONE value NONE limit 2", "REJECT ann CLIENT_IDS_FULL limit 2",
         "ORDERS 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_command_with_a_key_happens_once),
        in_a_world(a_key_that_comes_with_something_else_is_a_conflict),
        in_a_world(other_keys_are_other_commands),
        in_a_world(a_refused_command_keeps_its_key),
        in_a_world(a_key_is_forgotten_after_a_while),
        in_a_world(a_key_that_is_still_remembered_counts_however_old),
        in_a_world(without_room_a_new_key_is_refused_at_the_door),
        in_a_world(what_will_be_forgotten_makes_room),
        in_a_world(a_key_can_be_cleared),
        in_a_world(a_command_may_clear_its_own_key),
        in_a_world(who_asked_changes_nothing),
        in_a_world(an_account_uses_a_client_order_id_once),
        in_a_world(a_refused_order_uses_no_client_order_id),
        in_a_world(an_order_that_is_done_at_once_uses_it_too),
        in_a_world(after_a_while_it_may_be_used_again_unless_its_order_is_open),
        in_a_world(the_entry_of_a_group_and_an_order_at_a_broker_use_one_too),
        in_a_world(the_engine_remembers_so_many_client_order_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

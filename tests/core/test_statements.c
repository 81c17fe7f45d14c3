/* tests/core/test_statements.c - a broker's statement is kept as it was written: it is compared elsewhere and changes nothing here. */
#include "tests/world/world.h"

static void a_statement_is_said_line_by_line(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "ACCOUNT ann");
    when(w, "STATEMENT VENUE ALPHA ACCOUNT ann ROW XYZ BUY 4 @ 100.50 EXEC E1 EXT A-1 FEE 0.25 ; "
            "ROW OTHER SELL 0.5 @ 7 EXEC E2");
    then(w, "STATEMENT 2 venue ALPHA account ann",
         "STATEMENT_ROW 1 E1 symbol XYZ side BUY quantity 4 price 100.50 ext A-1 fee 0.25",
         "STATEMENT_ROW 2 E2 symbol OTHER side SELL quantity 0.5 price 7 ext NONE fee NONE", "TABLES executions 0",
         "POSITION ann 0");
}

static void a_statement_may_be_empty_and_of_a_venue_or_an_account(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann");
    when(w, "STATEMENT VENUE BOOK", "STATEMENT ACCOUNT ann FROM -2d TO -1d");
    then(w, "STATEMENT 0 venue BOOK account NONE", "STATEMENT 0 venue NONE account ann");
}

static void a_statement_says_whose_it_is_and_of_when(void **state)
{
    struct world *w = *state;
    when(w, "STATEMENT", "STATEMENT VENUE NYSE", "STATEMENT ACCOUNT nobody", "STATEMENT VENUE BOOK FROM +0s TO +0s",
         "STATEMENT VENUE BOOK FROM +1s TO +0s");
    then(w, "REJECT FIELD_INVALID field venue", "REJECT UNKNOWN_VENUE field venue",
         "REJECT UNKNOWN_ACCOUNT field account", "REJECT FIELD_INVALID field from", "REJECT FIELD_INVALID field from");
}

static void every_line_is_complete(void **state)
{
    struct world *w = *state;
    when(w, "STATEMENT VENUE BOOK ROW XYZ BUY 1 @ 1", "STATEMENT VENUE BOOK ROW XYZ BUY 1 @ 1 EXEC_LENGTH 65",
         "STATEMENT VENUE BOOK ROW XYZ BUY 1 @ 1 EXEC E1 EXT_LENGTH 65",
         "STATEMENT VENUE BOOK ROW \"\" BUY 1 @ 1 EXEC E1", "STATEMENT VENUE BOOK ROW XYZ BUY 1 @ 1 EXEC E1 SIDE 3",
         "STATEMENT VENUE BOOK ROW XYZ BUY 1 @ NONE EXEC E1", "STATEMENT VENUE BOOK ROW XYZ BUY NONE @ 1 EXEC E1",
         "STATEMENT VENUE BOOK ROW XYZ BUY 1 @ 0 EXEC E1",
         "STATEMENT VENUE BOOK ROW XYZ BUY 1 @ 1 EXEC E1 FEE_SCALE 19",
         "STATEMENT VENUE BOOK ROW XYZ BUY 1 @ 1 EXEC E1 TIMES 10001");
    then(w, "REJECT FIELD_INVALID field exec_id", "REJECT FIELD_INVALID field exec_id",
         "REJECT FIELD_INVALID field ext_order_id", "REJECT FIELD_INVALID field symbol",
         "REJECT FIELD_INVALID field side", "REJECT FIELD_INVALID field price", "REJECT FIELD_INVALID field quantity",
         "REJECT FIELD_INVALID field price", "REJECT FIELD_INVALID field amount", "REJECT FIELD_INVALID field rows");
}

static void a_statement_is_taken_while_work_is_pending(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 1", "BUY ann 1 @ 99", "BUY ann 1 @ 98", "MASS_CANCEL");
    when(w, "STATEMENT VENUE BOOK", "CLEAR_KEY k", "SETTLE =1", "VENUE ALPHA", "ROUTES");
    then(w, "REJECT KEY_UNKNOWN", "REJECT ORDER_NOT_OPEN", "REJECT SWEEP_PENDING", "REJECT SWEEP_PENDING", "PENDING");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_statement_is_said_line_by_line),
        in_a_world(a_statement_may_be_empty_and_of_a_venue_or_an_account),
        in_a_world(a_statement_says_whose_it_is_and_of_when),
        in_a_world(every_line_is_complete),
        in_a_world(a_statement_is_taken_while_work_is_pending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

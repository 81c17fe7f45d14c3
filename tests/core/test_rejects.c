/* tests/core/test_rejects.c - the lists of refusals, failures and limits are what their numbers promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/error.h"
#include "core/limits.h"
#include "core/rejects.h"

static const struct {
    int number;
    const char *name, *text;
} rejects[] = {
#define X(number, name, text) {number, #name, text},
    REJECTS(X)
#undef X
};
enum { REJECTS_COUNT = sizeof rejects / sizeof rejects[0] };

static void every_reject_has_a_number_of_its_own_in_a_stage(void **state)
{
    (void)state;
    for (size_t i = 0; i < REJECTS_COUNT; i++) {
        int stage = rejects[i].number / 1000;
        assert_true(stage == 1 || stage == 2 || stage == 3 || stage == 4 || stage == 9);
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(rejects[i].number, rejects[k].number);
            assert_string_not_equal(rejects[i].name, rejects[k].name);
        }
    }
}

static void a_reject_knows_its_name_and_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < REJECTS_COUNT; i++) {
        assert_string_equal(reject_name(rejects[i].number), rejects[i].name);
        assert_string_equal(reject_text(rejects[i].number), rejects[i].text);
        assert_true(strlen(rejects[i].name) < 48); /* the API's code has room for it */
    }
    assert_string_equal(reject_name(0), "?");
    assert_string_equal(reject_text(12345), "?");
}

static void every_field_of_a_refusal_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 1; i <= REFUSAL_FIELD_NUMBER_MAX; i++) {
        assert_string_not_equal(refusal_field_name(i), "?");
        assert_string_not_equal(refusal_field_allowed(i), "?");
        assert_true(strlen(refusal_field_name(i)) > 0 && strlen(refusal_field_allowed(i)) > 0);
        for (int k = 1; k < i; k++) assert_string_not_equal(refusal_field_name(i), refusal_field_name(k));
    }
    assert_string_equal(refusal_field_name(0), "");
    assert_string_equal(refusal_field_allowed(0), "");
    assert_string_equal(refusal_field_name(REFUSAL_FIELD_NUMBER_MAX + 1), "?");
    assert_string_equal(refusal_field_allowed(REFUSAL_FIELD_NUMBER_MAX + 1), "?");
}

static void every_error_has_a_text(void **state)
{
    (void)state;
#define X(number, name, text) assert_string_equal(error_text(name), text);
    ERRORS(X)
#undef X
    assert_string_equal(error_text(0), "unknown error");
    assert_string_equal(error_text(-1000), "unknown error");
}

static void default_limits_are_valid_and_limits_are_checked_at_both_ends(void **state)
{
    (void)state;
    struct limits l = limits_default();
    assert_true(limits_valid(&l));
#define X(field, def, largest)                                                                                         \
    l.field = (largest);                                                                                               \
    assert_true(limits_valid(&l));                                                                                     \
    l.field = (largest) + 1u;                                                                                          \
    assert_false(limits_valid(&l));                                                                                    \
    l.field = 0;                                                                                                       \
    assert_false(limits_valid(&l));                                                                                    \
    l.field = HOUSE_ACCOUNTS;                                                                                          \
    assert_true(limits_valid(&l));
    LIMITS(X)
#undef X
#define X(field, def, largest) l.field = 1;
    LIMITS(X)
#undef X
    assert_false(limits_valid(&l)); /* the first command makes the house accounts */
    l.accounts_max = HOUSE_ACCOUNTS;
    assert_true(limits_valid(&l));
    l.accounts_max--;
    assert_false(limits_valid(&l));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reject_has_a_number_of_its_own_in_a_stage),
        cmocka_unit_test(a_reject_knows_its_name_and_text),
        cmocka_unit_test(every_field_of_a_refusal_has_a_name_of_its_own),
        cmocka_unit_test(every_error_has_a_text),
        cmocka_unit_test(default_limits_are_valid_and_limits_are_checked_at_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

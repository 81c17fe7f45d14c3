/* tests/api/test_origin.c - what is a key and what is not, and that its hash is the same for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/origin.h"

static void a_key_is_bare_or_a_quoted_string(void **state)
{
    static const struct {
        const char *header, *key; /* NULL: it is none */
    } rows[] = {
        {"abc", "abc"},
        {"\"abc\"", "abc"},
        {"\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
        {"a b;c=1", "a b;c=1"},
        {"a\"b", "a\"b"},
        {"\"a\\\"b\\\\c\"", "a\"b\\c"},
        {"\" \"", " "},
        {"", NULL},
        {"\"\"", NULL},
        {"\"", NULL},
        {"\"abc", NULL},
        {"\"abc\\", NULL},
        {"\"abc\\\"", NULL},
        {"\"a\\bc\"", NULL},
        {"\"abc\"x", NULL},
        {"\"abc\";a=1", NULL},
        {"a\tb", NULL},
        {"\xc3\xa4", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char room[IDEMPOTENCY_KEY_BYTES_MAX];
        struct text key = {0};
        bool good = origin_key_parse(rows[i].header, room, &key);
        if (good != (rows[i].key != NULL)) fail_msg("%s: %s", rows[i].header, good ? "taken" : "refused");
        if (!good) continue;
        assert_int_equal(key.len_bytes, strlen(rows[i].key));
        assert_memory_equal(key.bytes, rows[i].key, key.len_bytes);
    }
}

static void a_key_has_at_most_128_bytes_quotes_and_escapes_not_counted(void **state)
{
    char header[300], room[IDEMPOTENCY_KEY_BYTES_MAX];
    struct text key;
    (void)state;
    memset(header, 'k', sizeof header);
    header[128] = '\0';
    assert_true(origin_key_parse(header, room, &key));
    header[128] = 'k', header[129] = '\0';
    assert_false(origin_key_parse(header, room, &key));
    header[0] = header[129] = '"', header[130] = '\0';
    assert_true(origin_key_parse(header, room, &key));
    assert_int_equal(key.len_bytes, 128);
    header[129] = 'k', header[130] = '"', header[131] = '\0';
    assert_false(origin_key_parse(header, room, &key));
    for (int i = 0; i < 128; i++) header[1 + 2 * i] = header[2 + 2 * i] = '\\';
    header[257] = '"', header[258] = '\0';
    assert_true(origin_key_parse(header, room, &key));
    assert_int_equal(key.len_bytes, 128);
}

static struct key_hash hash(const char *principal, const char *key)
{
    struct name name = name_of(principal);
    return origin_key_hash(&name, (struct text){key, (uint32_t)strlen(key)});
}

/* They are on tapes: a change would make every key unknown. */
static void a_hash_is_of_the_principal_and_the_key_and_never_changes(void **state)
{
    char text[KEY_HASH_TEXT_BYTES];
    (void)state;
    assert_string_equal(key_hash_to_text(hash("local", "abc"), text), "264bfe50b4fef439d19e2fd0f5946eb8");
    assert_string_not_equal(key_hash_to_text(hash("loca", "labc"), text), "264bfe50b4fef439d19e2fd0f5946eb8");
    assert_string_not_equal(key_hash_to_text(hash("other", "abc"), text), "264bfe50b4fef439d19e2fd0f5946eb8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_bare_or_a_quoted_string),
        cmocka_unit_test(a_key_has_at_most_128_bytes_quotes_and_escapes_not_counted),
        cmocka_unit_test(a_hash_is_of_the_principal_and_the_key_and_never_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

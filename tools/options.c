/* tools/options.c - see options.h. */
#include "tools/options.h"

#include <stdio.h>
#include <string.h>

#include "api/json.h"
#include "tools/cmd.h"
#include "tools/console.h"

bool u64_from_text(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    if (*text == '\0') return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') return false;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(*text - '0'), &value)) return false;
    }
    *out = value;
    return true;
}

static void print_option(const char *name, const char *value_name, const char *help)
{
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", name, value_name == NULL ? "" : " ", value_name == NULL ? "" : value_name);
    printf("  %-26s %s\n", left, help);
}

static void print_help(const struct command_line *l)
{
    printf("ordertape %s%s%s [options]\n  %s\n\noptions\n", l->command, l->operands == NULL ? "" : " ",
           l->operands == NULL ? "" : l->operands, l->summary);
    for (size_t i = 0; i < l->options_count; i++)
        print_option(l->options[i].name, l->options[i].value_name, l->options[i].help);
    print_option("data-dir", "DIR", "the data directory (default: data)");
    print_option("json", NULL, "one JSON document on stdout (JSON lines where it is a list)");
    print_option("help", NULL, "this page");
    printf("\nexamples\n%s\nexit: 0 good, 1 the answer is bad, 2 could not run\n", l->examples);
}

/* The table every command shares comes after its own, so that one loop serves both. */
static bool find_option(struct command_line *l, const char *name, size_t name_len, struct option *out)
{
    const struct option shared[] = {
        {.name = "data-dir", .kind = OPTION_TEXT, .value = &l->data_dir, .given = &l->data_dir_given},
        {.name = "json", .kind = OPTION_FLAG, .value = &l->json},
    };
    for (size_t i = 0; i < l->options_count + OPTIONS_COUNT(shared); i++) {
        const struct option *o = i < l->options_count ? &l->options[i] : &shared[i - l->options_count];
        if (strlen(o->name) != name_len || memcmp(o->name, name, name_len) != 0) continue;
        *out = *o;
        return true;
    }
    return false;
}

static bool store_value(const struct option *o, const char *text)
{
    switch (o->kind) {
    case OPTION_FLAG: *(bool *)o->value = true; return true;
    case OPTION_TEXT: *(const char **)o->value = text; return *text != '\0';
    case OPTION_U64: return u64_from_text(text, (uint64_t *)o->value);
    case OPTION_TIME: return time_from_text((int64_t *)o->value, text, strlen(text)) == 0;
    }
    return false;
}

static const char *kind_words(enum option_kind kind)
{
    switch (kind) {
    case OPTION_U64: return "a whole number";
    case OPTION_TIME: return "a time such as 2012-06-21T14:00:00Z";
    default: return "a value";
    }
}

static int take_option(struct command_line *l, const char *argument, int *i, int argc, char **argv)
{
    const char *name = argument + 2;
    const char *equals = strchr(name, '=');
    size_t name_len = equals == NULL ? strlen(name) : (size_t)(equals - name);
    struct option o;
    if (!find_option(l, name, name_len, &o)) {
        return console_fail(l->command, "no option %.*s; see 'ordertape %s --help'", (int)name_len + 2, argument,
                            l->command);
    }
    const char *value = equals == NULL ? NULL : equals + 1;
    if (o.kind == OPTION_FLAG && value != NULL) return console_fail(l->command, "--%s takes no value", o.name);
    if (o.kind != OPTION_FLAG && value == NULL) {
        if (*i + 1 >= argc) return console_fail(l->command, "--%s needs %s", o.name, kind_words(o.kind));
        value = argv[++*i];
    }
    if (!store_value(&o, value == NULL ? "" : value))
        return console_fail(l->command, "--%s needs %s, not '%s'", o.name, kind_words(o.kind), value);
    if (o.given != NULL) *o.given = true;
    return -1;
}

static bool asks_for_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

int command_line_parse(struct command_line *l, int argc, char **argv)
{
    bool options_over = false;
    l->data_dir = "data";
    l->operands_count = 0;
    for (int i = 0; i < argc; i++) {
        const char *argument = argv[i];
        if (!options_over && asks_for_help(argument)) {
            print_help(l);
            return EXIT_GOOD;
        }
        if (!options_over && strcmp(argument, "--") == 0) {
            options_over = true;
        } else if (!options_over && argument[0] == '-' && argument[1] == '-') {
            int code = take_option(l, argument, &i, argc, argv);
            if (code >= 0) return code;
        } else if (l->operands_count >= l->operands_max) {
            return console_fail(l->command, "'%s' is one argument too many; see 'ordertape %s --help'", argument,
                                l->command);
        } else {
            l->operand[l->operands_count++] = argument;
        }
    }
    if (l->operands_count < l->operands_min)
        return console_fail(l->command, "%s is missing; see 'ordertape %s --help'", l->operands, l->command);
    return -1;
}

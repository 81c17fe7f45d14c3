/* tests/core/test_orders_doc.c - docs/ORDERS.md cannot lie: every block of it that is fenced as "orders" is run in a world of its own.
 * A line of a block begins with given, when or then, or with a blank and goes on with what the line before began; # begins a remark.
 * Invariant: every fenced example is found, and a document without examples fails. */
#include "tests/world/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXAMPLES_MAX = 200, LINES_MAX = 60, LINE_BYTES = 240, NAME_LEN = 64 };
static const char *const path = "docs/ORDERS.md";

/* One example: its sentences in order, and which of the three each is. */
struct example {
    int line; /* of the fence */
    int count;
    char kind[LINES_MAX]; /* 'g', 'w', 't' */
    char text[LINES_MAX][LINE_BYTES];
};
static struct example examples[EXAMPLES_MAX];
static int examples_count;
static char names[EXAMPLES_MAX][NAME_LEN];

static void cut_remark(char *line)
{
    char *remark = strstr(line, " #");
    if (remark != NULL) *remark = '\0';
    size_t len = strcspn(line, "\n");
    while (len > 0 && line[len - 1] == ' ') len--;
    line[len] = '\0';
}

static void add_line(struct example *e, const char *line)
{
    static const char *const words[] = {"given ", "when ", "then "};
    char kind = e->count > 0 ? e->kind[e->count - 1] : '\0';
    for (int k = 0; k < 3; k++) {
        if (strncmp(line, words[k], strlen(words[k])) != 0) continue;
        kind = words[k][0];
        line += strlen(words[k]);
    }
    line += strspn(line, " ");
    if (*line == '\0') return;
    if (kind == '\0' || e->count == LINES_MAX) fail_msg("%s:%d: an example that cannot be read", path, e->line);
    e->kind[e->count] = kind;
    strcpy(e->text[e->count++], line);
}

static void read_examples(void)
{
    FILE *file = fopen(path, "r");
    char line[LINE_BYTES];
    struct example *inside = NULL;
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        if (strncmp(line, "```orders", 9) == 0 && examples_count < EXAMPLES_MAX) {
            inside = &examples[examples_count++];
            inside->line = number;
        } else if (strncmp(line, "```", 3) == 0)
            inside = NULL;
        else if (inside != NULL) {
            cut_remark(line);
            add_line(inside, line);
        }
    }
    fclose(file);
}

/* Runs the sentences from `from` on that are of one kind, as one given, when or then. Returns where the next kind begins. */
static int run_kind(struct world *w, const struct example *e, int from)
{
    const char *sentences[LINES_MAX + 1] = {NULL};
    int at = from;
    for (; at < e->count && e->kind[at] == e->kind[from]; at++) sentences[at - from] = e->text[at];
    if (e->kind[from] == 'g') world_given(w, path, e->line, sentences);
    if (e->kind[from] == 'w') world_when(w, path, e->line, sentences);
    if (e->kind[from] == 't') world_then(w, path, e->line, sentences);
    return at;
}

static void an_example_happens_as_it_says(void **state)
{
    struct world *w = *state;
    static int next; /* the examples run in their order */
    const struct example *e = &examples[next++];
    if (e->count == 0 || e->kind[e->count - 1] != 't') fail_msg("%s:%d: an example without a then", path, e->line);
    for (int at = 0; at < e->count;) at = run_kind(w, e, at);
}

static void the_document_has_examples(void **state)
{
    (void)state;
    assert_true(examples_count >= 30);
}

int main(void)
{
    static struct CMUnitTest tests[EXAMPLES_MAX + 1];
    read_examples();
    for (int k = 0; k < examples_count; k++) {
        snprintf(names[k], NAME_LEN, "the_example_at_line_%d", examples[k].line);
        tests[k] = (struct CMUnitTest){names[k], an_example_happens_as_it_says, world_setup, world_teardown, NULL};
    }
    tests[examples_count] = (struct CMUnitTest)cmocka_unit_test(the_document_has_examples);
    return _cmocka_run_group_tests("docs/ORDERS.md", tests, (size_t)examples_count + 1, NULL, NULL);
}

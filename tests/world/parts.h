/* tests/world/parts.h - what world.c, sentences.c and facts.c share. Nobody else includes this. */
#ifndef ORDERTAPE_TESTS_WORLD_PARTS_H
#define ORDERTAPE_TESTS_WORLD_PARTS_H

#include "tests/world/world.h"

/* A sentence cut into words. */
enum { SENTENCE_WORDS_MAX = 40, SENTENCE_BYTES_MAX = 320 };
struct words {
    char text[SENTENCE_BYTES_MAX];
    const char *word[SENTENCE_WORDS_MAX];
    int count, at;
};
void words_cut(struct world *w, struct words *s, const char *sentence);
/* The next word, "" at the end. */
const char *words_next(struct words *s);
/* Takes the next word when it is this one. */
bool words_take(struct words *s, const char *word);

/* Ends the test: what is wrong with which sentence. */
void world_fail(const struct world *w, const char *sentence, const char *what) __attribute__((noreturn));

/* Runs one sentence; makes commands and applies them. */
void sentence_run(struct world *w, const char *sentence);
/* Compares what happened since w->when_event and what is so now with the facts. */
void facts_check(struct world *w, const char *const *facts);

struct name world_name(const char *word);
struct decimal world_decimal(struct world *w, const char *sentence, const char *word);
/* The symbol that [OF symbol] says, or XYZ; the currency that the next word says, or USD. */
struct name words_symbol(struct words *s);

#endif

/* tests/world/parts.h - what world.c, sentences.c and facts.c share. Nobody else includes this. */
#ifndef ORDERTAPE_TESTS_WORLD_PARTS_H
#define ORDERTAPE_TESTS_WORLD_PARTS_H

#include "tests/world/world.h"

/* A sentence cut into words. */
enum { SENTENCE_WORDS_MAX = 120, SENTENCE_BYTES_MAX = 960 };
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
/* The same for a sentence about an order, a group or a GTT; false, with nothing done, when it is none. */
bool order_sentence_run(struct world *w, const char *sentence, struct words *s);
/* The same for one about venues, brokers, batches, keys and statements. */
bool desk_sentence_run(struct world *w, const char *sentence, struct words *s);
/* What stands before a sentence: ACTOR, KEY. */
void origin_words_take(struct world *w, struct words *s);
/* Compares what happened since w->when_event and what is so now with the facts. */
void facts_check(struct world *w, const char *const *facts);
/* The first half of it: what happened. */
void outcomes_check(struct world *w, const char *const *facts);
/* The line of an event of the desk; false, with nothing written, when it is none. */
struct line;
bool desk_event_say(struct world *w, const struct event *e, struct line *line);
/* Compares a fact about the desk as it is now; false when it is none. */
bool desk_fact_check(struct world *w, const char *fact, const char *what, struct words *s);
/* True for a fact about what happened. */
bool outcomes_know(const char *fact);

/* A fact as it is: what must be said, and "word what" pairs that may be. */
enum { LINE_BYTES = 320 };
struct line {
    char text[LINE_BYTES], details[LINE_BYTES];
};
/* True when the fact says the line's text and any of its details. */
bool line_says(const struct line *line, const char *fact);
/* Adds a detail; a number at a scale, absent as NONE. */
void line_detail(struct line *line, const char *word, const char *what);
void line_detail_number(struct line *line, const char *word, i128 value, unsigned scale);
/* Writes the number's text into room (DECIMAL_TEXT_BYTES_MAX) and returns it. */
const char *number_text(i128 value, unsigned scale, char *room);
/* The same for an order's price: MARKET when it has none. */
const char *price_text(int64_t price, unsigned scale, char *room);
/* The number of a venue as a name; "NONE" for VENUE_NONE. */
const char *venue_number_text(const struct world *w, unsigned number);
/* Ends the test: what the fact should have said. */
void world_fail_fact(struct world *w, const char *fact, const char *actual) __attribute__((noreturn));
/* Whose order it is; "" when nobody's. */
const char *account_of_order(const struct world *w, uint64_t order_id);

/* An order (or GTT) by an account's name, the word AS gave it, or "=id"; the test ends when there is none. */
uint64_t world_order_id(struct world *w, const char *sentence, const char *word, bool gtt);
/* The word is from here on the order with that index of the command that ran last. word may be NULL. */
void world_remember_name(struct world *w, const char *sentence, const char *word, unsigned index);
/* Gives an account that nobody has spoken of what world.h promises. */
void world_make_rich(struct world *w, const struct name *account, const struct name *symbol);
/* An order as BUY and SELL say it, up to ";", TIMES or the end. *name: the word that AS gave it. */
void world_read_order(struct world *w, const char *sentence, struct words *s, struct command_place *p,
                      const char **name);
/* Memory that lives as long as the world, zeroed: for what commands point to. */
void *world_keep(struct world *w, size_t bytes);
/* The next word, kept; "" is the empty text. A text of so many bytes (at most 200), all alike. */
struct text next_text(struct world *w, struct words *s);
struct text world_long_text(unsigned len_bytes);
/* The hash that stands for a word in keys and bodies; never 0, 0. */
struct key_hash world_hash(const char *word);

struct name world_name(const char *word);
struct decimal world_decimal(struct world *w, const char *sentence, const char *word);
/* The next word as what its name says; the test ends when it is none. */
struct decimal next_decimal(struct world *w, const char *sentence, struct words *s);
struct amount next_amount(struct world *w, const char *sentence, struct words *s, bool negative);
unsigned next_number(struct words *s);
int64_t next_time(struct world *w, const char *sentence, struct words *s);
/* The next word in one of the lists of core/types.h, or a plain number. */
uint8_t next_enum(struct words *s, int (*from_text)(const char *, size_t));
/* The symbol that [OF symbol] says, or XYZ; the currency that the next word says, or USD. */
struct name words_symbol(struct words *s);

#endif

/* tests/world/order_sentences.c - the sentences about orders, groups of orders and GTTs. The grammar is in world.h.
 * Invariant: an order's options may come in any sequence; what a sentence does not say is absent in the command. */
#include "tests/world/parts.h"

#include <stdlib.h>
#include <string.h>

static const struct decimal absent = {0, DECIMAL_ABSENT};

struct text world_long_text(unsigned len_bytes)
{
    static char bytes[200];
    return (struct text){memset(bytes, 'x', sizeof bytes), len_bytes};
}

/* ---- which order is meant ---- */

static uint64_t id_by_account(const struct world *w, const char *word, bool gtt)
{
    for (uint32_t k = w->orders_count; k-- > 0;) {
        const struct world_order *o = &w->orders[k];
        if (o->gtt == gtt && !o->member && strncmp(o->account.bytes, word, NAME_BYTES) == 0) return o->id;
    }
    return 0;
}

/* By an account's name (its latest one), by the word AS gave it, or by "=id". */
uint64_t world_order_id(struct world *w, const char *sentence, const char *word, bool gtt)
{
    if (word[0] == '=') return strtoull(word + 1, NULL, 10);
    for (uint32_t i = w->aliases_count; i-- > 0;)
        if (strcmp(w->aliases[i].word, word) == 0) return w->aliases[i].order_id;
    uint64_t id = id_by_account(w, word, gtt);
    if (id == 0) world_fail(w, sentence, "no such order");
    return id;
}

/* The words that one sentence gives to the orders it makes, by their index. */
struct names {
    const char *word[3];
};

void world_remember_name(struct world *w, const char *sentence, const char *word, unsigned index)
{
    if (word == NULL) return;
    if (w->aliases_count == WORLD_WORDS_MAX || strlen(word) >= sizeof w->aliases[0].word)
        world_fail(w, sentence, "too many words given with AS, or too long a one");
    struct world_alias *alias = &w->aliases[w->aliases_count++];
    strcpy(alias->word, word);
    alias->order_id = ((uint64_t)w->commands_count << ORDER_INDEX_BITS) + index;
}

static void remember_names(struct world *w, const char *sentence, const struct names *names)
{
    for (unsigned k = 0; k < 3; k++) world_remember_name(w, sentence, names->word[k], k);
}

/* ---- an account that nobody has spoken of ---- */

void world_make_rich(struct world *w, const struct name *account, const struct name *symbol)
{
    const struct instrument_state *i = model_instrument(w->model, symbol);
    if (i == NULL || account->bytes[0] == '@' || account->bytes[0] == '\0') return;
    if (model_account(w->model, account) != NULL || strcmp(account->bytes, "nobody") == 0) return;
    struct name currency = i->spec.currency;
    struct command_origin origin = w->origin; /* the sentence's own command has it, not these */
    w->origin = (struct command_origin){0};
    struct command c = {.kind = COMMAND_SET_ACCOUNT};
    c.set_account.account = *account;
    c.set_account.fields = ACCOUNT_HAS_TYPE | ACCOUNT_HAS_ALLOW_SHORT;
    c.set_account.type = ACCOUNT_TYPE_MARGIN;
    c.set_account.allow_short = true;
    world_apply(w, &c);
    struct command cash = {.kind = COMMAND_MOVE_CASH};
    cash.move_cash.account = *account;
    cash.move_cash.currency = currency;
    cash.move_cash.amount = (struct amount){1000000000, 0};
    world_apply(w, &cash);
    w->origin = origin;
}

/* ---- one order ---- */

static bool take_tif(struct words *s, uint8_t *out)
{
    int tif = s->at < s->count ? tif_from_text(s->word[s->at], strlen(s->word[s->at])) : 0;
    if (tif == 0) return false;
    *out = (uint8_t)tif;
    s->at++;
    return true;
}

static bool take_decimal(struct world *w, const char *sentence, struct words *s, const char *word, struct decimal *out)
{
    if (!words_take(s, word)) return false;
    *out = next_decimal(w, sentence, s);
    return true;
}

static bool take_flag(struct words *s, uint8_t *flags)
{
    static const struct {
        const char *word;
        uint8_t flag;
    } flag_words[] = {{"POST_ONLY", PLACE_POST_ONLY}, {"REDUCE_ONLY", PLACE_REDUCE_ONLY}, {"AON", PLACE_ALL_OR_NONE}};
    for (size_t k = 0; k < sizeof flag_words / sizeof flag_words[0]; k++) {
        if (!words_take(s, flag_words[k].word)) continue;
        *flags |= flag_words[k].flag;
        return true;
    }
    return false;
}

/* One decimal of an order, by its word. */
static bool take_order_decimal(struct world *w, const char *sentence, struct words *s, struct command_place *p)
{
    if (words_take(s, "TRAIL%")) {
        p->trail = next_decimal(w, sentence, s);
        p->flags |= PLACE_TRAIL_PERCENT;
        return true;
    }
    return take_decimal(w, sentence, s, "STOP", &p->stop_price) || take_decimal(w, sentence, s, "TRAIL", &p->trail) ||
           take_decimal(w, sentence, s, "DISPLAY", &p->display_quantity) ||
           take_decimal(w, sentence, s, "MIN", &p->min_quantity) ||
           take_decimal(w, sentence, s, "LEVERAGE", &p->leverage) ||
           take_decimal(w, sentence, s, "QUOTE_QUANTITY", &p->quote_quantity);
}

/* One option of an order; false when the word is none. explicit_type is set when TYPE said it. */
static bool take_order_option(struct world *w, const char *sentence, struct words *s, struct command_place *p,
                              bool *explicit_type)
{
    if (take_tif(s, &p->tif)) {
        if (p->tif == TIF_GTD && s->at < s->count && strchr("+-", s->word[s->at][0]) != NULL)
            p->expires_ns = w->ts_ns + next_time(w, sentence, s);
    } else if (take_order_decimal(w, sentence, s, p) || take_flag(s, &p->flags))
        return true;
    else if (words_take(s, "OF"))
        p->symbol = world_name(words_next(s));
    else if (words_take(s, "STP"))
        p->stp = next_enum(s, stp_from_text);
    else if (words_take(s, "FLAGS"))
        p->flags = (uint8_t)next_number(s);
    else if (words_take(s, "VENUE"))
        p->venue = world_name(words_next(s));
    else if (words_take(s, "EXPIRES"))
        p->expires_ns = w->ts_ns + next_time(w, sentence, s);
    else if (words_take(s, "SIDE"))
        p->side = (uint8_t)next_number(s);
    else if (words_take(s, "ID_LENGTH"))
        p->client_order_id = world_long_text(next_number(s));
    else if (words_take(s, "ID"))
        p->client_order_id = next_text(w, s);
    else if (words_take(s, "TYPE")) {
        p->type = next_enum(s, order_type_from_text);
        *explicit_type = true;
    } else
        return false;
    return true;
}

/* BUY|SELL account quantity|FOR amount @ price|MARKET|NONE */
static void read_order_head(struct world *w, const char *sentence, struct words *s, struct command_place *p)
{
    bool buy = words_take(s, "BUY");
    if (!buy && !words_take(s, "SELL")) world_fail(w, sentence, "an order begins with BUY or SELL");
    p->side = buy ? SIDE_BUY : SIDE_SELL;
    p->type = ORDER_TYPE_LIMIT;
    p->tif = TIF_DAY;
    p->symbol = world_name("XYZ");
    p->price = p->quantity = p->stop_price = p->display_quantity = p->leverage = absent;
    p->quote_quantity = p->min_quantity = p->trail = absent;
    p->account = world_name(words_next(s));
    if (words_take(s, "FOR"))
        p->quote_quantity = next_decimal(w, sentence, s);
    else if (!words_take(s, "NONE"))
        p->quantity = next_decimal(w, sentence, s);
    if (!words_take(s, "@")) world_fail(w, sentence, "an order needs @ and a price, MARKET or NONE");
    if (words_take(s, "MARKET"))
        p->type = ORDER_TYPE_MARKET;
    else if (!words_take(s, "NONE"))
        p->price = next_decimal(w, sentence, s);
}

/* A stop price or a trail makes it a stop. */
static uint8_t type_with_stop(uint8_t type, bool stops)
{
    if (!stops) return type;
    return type == ORDER_TYPE_MARKET ? ORDER_TYPE_STOP : ORDER_TYPE_STOP_LIMIT;
}

static void settle_type(struct command_place *p, bool explicit_type)
{
    bool stops = p->stop_price.scale != DECIMAL_ABSENT || p->trail.scale != DECIMAL_ABSENT;
    if (!explicit_type) p->type = type_with_stop(p->type, stops);
}

void world_read_order(struct world *w, const char *sentence, struct words *s, struct command_place *p,
                      const char **name)
{
    bool explicit_type = false;
    read_order_head(w, sentence, s, p);
    while (s->at < s->count && strcmp(s->word[s->at], ";") != 0 && strcmp(s->word[s->at], "TIMES") != 0) {
        if (words_take(s, "AS"))
            *name = words_next(s);
        else if (!take_order_option(w, sentence, s, p, &explicit_type))
            world_fail(w, sentence, s->word[s->at]);
    }
    settle_type(p, explicit_type);
}

static void place_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_PLACE};
    struct names names = {{0}};
    world_read_order(w, sentence, s, &c.place, &names.word[0]);
    world_make_rich(w, &c.place.account, &c.place.symbol);
    world_apply(w, &c);
    remember_names(w, sentence, &names);
}

/* ---- groups ---- */

static void read_leg(struct world *w, const char *sentence, struct words *s, struct command_leg *leg, const char **name)
{
    bool explicit_type = false;
    leg->price = leg->stop_price = absent;
    leg->type = ORDER_TYPE_LIMIT;
    leg->tif = TIF_GTC;
    if (words_take(s, "BUY")) leg->side = SIDE_BUY;
    if (words_take(s, "SELL")) leg->side = SIDE_SELL;
    for (;;) {
        if (words_take(s, "@")) {
            if (words_take(s, "MARKET"))
                leg->type = ORDER_TYPE_MARKET;
            else
                leg->price = next_decimal(w, sentence, s);
        } else if (words_take(s, "SIDE"))
            leg->side = (uint8_t)next_number(s);
        else if (words_take(s, "AS"))
            *name = words_next(s);
        else if (words_take(s, "TYPE")) {
            leg->type = next_enum(s, order_type_from_text);
            explicit_type = true;
        } else if (!take_decimal(w, sentence, s, "STOP", &leg->stop_price) && !take_tif(s, &leg->tif))
            break;
    }
    if (!explicit_type) leg->type = type_with_stop(leg->type, leg->stop_price.scale != DECIMAL_ABSENT);
}

static bool take_leg_word(struct words *s)
{
    return words_take(s, "OR") || words_take(s, "THEN") || words_take(s, "TAKE") || words_take(s, "LOSS");
}

static bool take_group_option(struct words *s, struct command_place_linked *l)
{
    int activation = s->at < s->count ? activation_from_text(s->word[s->at], strlen(s->word[s->at])) : 0;
    if (activation != 0) {
        l->activation = (uint8_t)activation;
        s->at++;
    } else if (words_take(s, "ACTIVATION"))
        l->activation = (uint8_t)next_number(s);
    else if (words_take(s, "LINK"))
        l->link = (uint8_t)next_number(s);
    else
        return false;
    return true;
}

static void linked_sentence(struct world *w, const char *sentence, struct words *s, int link)
{
    struct command c = {.kind = COMMAND_PLACE_LINKED};
    struct command_place_linked *l = &c.place_linked;
    struct names names = {{0}};
    bool explicit_type = false;
    int legs = 0;
    l->link = (uint8_t)link;
    l->activation = link == LINK_OCO ? 0 : ACTIVATION_FULL_FILL;
    for (int k = 0; k < 2; k++) l->legs[k].price = l->legs[k].stop_price = absent;
    read_order_head(w, sentence, s, &l->entry);
    while (s->at < s->count) {
        if (words_take(s, "AS"))
            names.word[0] = words_next(s);
        else if (legs < 2 && take_leg_word(s)) {
            read_leg(w, sentence, s, &l->legs[legs], &names.word[legs + 1]);
            legs++;
        } else if (!take_group_option(s, l) && !take_order_option(w, sentence, s, &l->entry, &explicit_type))
            world_fail(w, sentence, s->word[s->at]);
    }
    settle_type(&l->entry, explicit_type);
    world_make_rich(w, &l->entry.account, &l->entry.symbol);
    world_apply(w, &c);
    remember_names(w, sentence, &names);
}

static void modify_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_MODIFY};
    struct command_modify *m = &c.modify;
    m->order_id = world_order_id(w, sentence, words_next(s), false);
    m->price = m->quantity = m->stop_price = m->display_quantity = absent;
    while (s->at < s->count) {
        if (!take_decimal(w, sentence, s, "TO", &m->quantity) && !take_decimal(w, sentence, s, "@", &m->price) &&
            !take_decimal(w, sentence, s, "STOP", &m->stop_price) &&
            !take_decimal(w, sentence, s, "DISPLAY", &m->display_quantity))
            world_fail(w, sentence, s->word[s->at]);
    }
    world_apply(w, &c);
}

static void cancel_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_CANCEL};
    c.cancel.order_id = world_order_id(w, sentence, words_next(s), false);
    world_apply(w, &c);
}

/* ---- good till triggered ---- */

static void read_gtt_leg(struct world *w, const char *sentence, struct words *s, struct gtt_leg *leg)
{
    leg->trigger_price = leg->quantity = leg->price = absent;
    if (!words_take(s, "NONE")) leg->trigger_price = next_decimal(w, sentence, s);
    leg->quantity = next_decimal(w, sentence, s);
    if (!words_take(s, "@")) world_fail(w, sentence, "a GTT's leg needs @ and a price or MARKET");
    if (!words_take(s, "MARKET")) leg->price = next_decimal(w, sentence, s);
}

static void gtt_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_GTT_PLACE};
    struct command_gtt_place *g = &c.gtt_place;
    struct names names = {{0}};
    g->side = words_take(s, "BUY") ? SIDE_BUY : SIDE_SELL;
    if (g->side == SIDE_SELL && !words_take(s, "SELL")) world_fail(w, sentence, "a GTT begins with BUY or SELL");
    g->account = world_name(words_next(s));
    g->symbol = world_name("XYZ");
    for (int k = 0; k < 2; k++) g->legs[k].trigger_price = g->legs[k].quantity = g->legs[k].price = absent;
    while (s->at < s->count) {
        if (g->legs_count < 2 && words_take(s, "TRIGGER"))
            read_gtt_leg(w, sentence, s, &g->legs[g->legs_count++]);
        else if (words_take(s, "OF"))
            g->symbol = world_name(words_next(s));
        else if (words_take(s, "EXPIRES"))
            g->expires_ns = w->ts_ns + next_time(w, sentence, s);
        else if (words_take(s, "AS"))
            names.word[0] = words_next(s);
        else if (words_take(s, "LEGS"))
            g->legs_count = (uint8_t)next_number(s);
        else if (words_take(s, "SIDE"))
            g->side = (uint8_t)next_number(s);
        else
            world_fail(w, sentence, s->word[s->at]);
    }
    world_make_rich(w, &g->account, &g->symbol);
    world_apply(w, &c);
    remember_names(w, sentence, &names);
}

static void gtt_modify_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_GTT_MODIFY};
    struct command_gtt_modify *g = &c.gtt_modify;
    struct gtt_leg *leg = &g->legs[0];
    g->gtt_id = world_order_id(w, sentence, words_next(s), true);
    for (int k = 0; k < 2; k++) g->legs[k].trigger_price = g->legs[k].quantity = g->legs[k].price = absent;
    while (s->at < s->count) {
        int status = gtt_status_from_text(s->word[s->at], strlen(s->word[s->at]));
        if (status != 0) {
            g->status = (uint8_t)status;
            s->at++;
        } else if (words_take(s, "LEG"))
            leg = &g->legs[next_number(s) == 2];
        else if (words_take(s, "EXPIRES"))
            g->expires_ns = w->ts_ns + next_time(w, sentence, s);
        else if (words_take(s, "STATUS"))
            g->status = (uint8_t)next_number(s);
        else if (!take_decimal(w, sentence, s, "TRIGGER", &leg->trigger_price) &&
                 !take_decimal(w, sentence, s, "TO", &leg->quantity) && !take_decimal(w, sentence, s, "@", &leg->price))
            world_fail(w, sentence, s->word[s->at]);
    }
    world_apply(w, &c);
}

static void gtt_delete_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_GTT_DELETE};
    c.gtt_delete.gtt_id = world_order_id(w, sentence, words_next(s), true);
    world_apply(w, &c);
}

bool order_sentence_run(struct world *w, const char *sentence, struct words *s)
{
    const char *first = s->at < s->count ? s->word[s->at] : "";
    if (strcmp(first, "BUY") == 0 || strcmp(first, "SELL") == 0)
        place_sentence(w, sentence, s);
    else if (words_take(s, "OCO"))
        linked_sentence(w, sentence, s, LINK_OCO);
    else if (words_take(s, "OTO"))
        linked_sentence(w, sentence, s, LINK_OTO);
    else if (words_take(s, "BRACKET"))
        linked_sentence(w, sentence, s, LINK_BRACKET);
    else if (words_take(s, "MODIFY"))
        modify_sentence(w, sentence, s);
    else if (words_take(s, "CANCEL"))
        cancel_sentence(w, sentence, s);
    else if (words_take(s, "GTT"))
        gtt_sentence(w, sentence, s);
    else if (words_take(s, "GTT_MODIFY"))
        gtt_modify_sentence(w, sentence, s);
    else if (words_take(s, "GTT_DELETE"))
        gtt_delete_sentence(w, sentence, s);
    else
        return false;
    return true;
}

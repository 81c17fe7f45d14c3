/* tests/model/flow_lively.c - a lively market: two instruments, a few accounts that mostly can pay, prices within a few ticks
 * and hardly a wrong word, so that most orders trade, stops set off stops, and little work is enough to leave some pending.
 * How it works: every command is made to make sense where the model's state stands; what was halted or closed is soon
 * opened again. Spoiled words and full tables are the business of the other flow. */
#include "tests/model/flow_parts.h"

#include <stdio.h>
#include <string.h>

enum { ACCOUNTS = 6, INSTRUMENTS = 2, VENUES = 5, STEPS_OF_SETUP = 1 + 2 * ACCOUNTS + INSTRUMENTS };
enum { CENTER = 100, REACH_TICKS = 5 };
enum { CROWD = 95, CROWDED = 5 }; /* commands of a crowd, and whose orders it is made of */

struct limits flow_lively_limits(uint64_t seed, unsigned features)
{
    static const uint32_t work[] = {2, 3, 4, 6, 9, 14, 30, 200};
    static const uint32_t ttls[] = {1, 5, 30}, lingers[] = {1, 10, 300};
    struct flow f = {.random = seed ^ 0x6c6976656c79u};
    struct limits l = {.orders_max = 120,
                       .levels_max = 120,
                       .instruments_max = INSTRUMENTS,
                       .accounts_max = HOUSE_ACCOUNTS + ACCOUNTS + VENUES,
                       .positions_max = 40,
                       .balances_max = 40,
                       .currencies_max = 2,
                       .timers_max = 60,
                       .work_max = 200,
                       .routes_max = 400,
                       .executions_max = 2000,
                       .client_ids_max = 2000,
                       .keys_max = 500};
    if (features & FLOW_WORK) l.work_max = FLOW_PICK(&f, work);
    l.key_ttl_s = FLOW_PICK(&f, ttls);
    l.linger_s = FLOW_PICK(&f, lingers);
    return l;
}

static struct name numbered(const char *word, unsigned number)
{
    char text[NAME_BYTES];
    snprintf(text, sizeof text, "%s%u", word, number);
    return flow_word(text);
}

static struct name some_account(struct flow *f)
{
    return numbered("A", flow_roll(f, ACCOUNTS));
}

static const struct instrument_state *some_instrument(struct flow *f, const struct model *m)
{
    struct name symbol = numbered("L", flow_chance(f, 700) ? 0 : 1);
    const struct instrument_state *i = model_instrument(m, &symbol);
    return i != NULL ? i : &m->instruments[0];
}

static struct decimal whole(int64_t value)
{
    return (struct decimal){value, 0};
}

/* ---- settings ---- */

static void set_instrument(struct flow *f, unsigned number, struct command *c)
{
    static const int64_t collars[] = {0, 3, 6, 20, 100};
    static const struct decimal maker[] = {{-1, 0}, {0, 0}, {15, 1}}, taker[] = {{1, 0}, {25, 1}, {40, 0}};
    struct command_set_instrument *s = &c->set_instrument;
    c->kind = COMMAND_SET_INSTRUMENT;
    s->symbol = numbered("L", number);
    s->fields = INSTRUMENT_HAS_TICK_SIZE | INSTRUMENT_HAS_COLLAR | INSTRUMENT_HAS_MAKER_FEE | INSTRUMENT_HAS_TAKER_FEE |
                INSTRUMENT_HAS_TRIGGER | INSTRUMENT_HAS_HALT_ON_BREACH;
    s->tick_size = whole(1);
    s->collar_percent = whole(FLOW_PICK(f, collars));
    s->maker_fee_bps = FLOW_PICK(f, maker);
    s->taker_fee_bps = FLOW_PICK(f, taker);
    s->trigger = flow_chance(f, number == 0 ? 100 : 800) ? TRIGGER_QUOTE : TRIGGER_LAST;
    s->halt_on_breach = flow_uses(f, FLOW_SESSIONS, 300);
}

static void set_state(const struct instrument_state *i, int state, struct command *c)
{
    c->kind = COMMAND_SET_INSTRUMENT;
    c->set_instrument.symbol = i->spec.symbol;
    c->set_instrument.fields = INSTRUMENT_HAS_STATE;
    c->set_instrument.state = (uint8_t)state;
}

static void change_state(struct flow *f, const struct instrument_state *i, struct command *c)
{
    static const uint8_t states[] = {INSTRUMENT_STATE_AUCTION,  INSTRUMENT_STATE_AUCTION, INSTRUMENT_STATE_PRE_OPEN,
                                     INSTRUMENT_STATE_PRE_OPEN, INSTRUMENT_STATE_HALTED,  INSTRUMENT_STATE_CLOSED};
    set_state(i, FLOW_PICK(f, states), c);
}

static void set_account(struct flow *f, unsigned number, struct command *c)
{
    static const uint8_t stps[] = {STP_NONE,          STP_NONE,        STP_CANCEL_NEWEST,
                                   STP_CANCEL_OLDEST, STP_CANCEL_BOTH, STP_DECREMENT};
    struct command_set_account *s = &c->set_account;
    c->kind = COMMAND_SET_ACCOUNT;
    s->account = numbered("A", number);
    s->fields = ACCOUNT_HAS_STP | ACCOUNT_HAS_MARGIN_CALL | ACCOUNT_HAS_LIQUIDATION;
    s->stp = flow_uses(f, FLOW_STP, 600) ? FLOW_PICK(f, stps) : STP_NONE;
    s->margin_call_percent = whole(flow_uses(f, FLOW_MARGIN, 500) ? 60 : 0);
    s->liquidation_percent = whole(flow_uses(f, FLOW_MARGIN, 500) ? 40 : 0);
    if (number != CROWDED && flow_uses(f, FLOW_LIMITS, 300)) {
        s->fields |= ACCOUNT_HAS_MAX_POSITION | ACCOUNT_HAS_MAKER_FEE | ACCOUNT_HAS_MAX_OPEN_ORDERS;
        s->max_position = whole(200);
        s->maker_fee_bps = whole(3);
        s->max_open_orders = 30;
    }
}

/* At the beginning what cannot be changed later is said too. */
static void make_account(struct flow *f, unsigned number, struct command *c)
{
    set_account(f, number, c);
    struct command_set_account *s = &c->set_account;
    s->fields |= ACCOUNT_HAS_TYPE | ACCOUNT_HAS_LEVERAGE | ACCOUNT_HAS_ALLOW_SHORT;
    s->type = number == 4 ? ACCOUNT_TYPE_CASH : number == 5 ? ACCOUNT_TYPE_HOUSE : ACCOUNT_TYPE_MARGIN;
    s->leverage = whole(s->type == ACCOUNT_TYPE_MARGIN ? flow_between(f, 1, 10) : 1);
    s->allow_short = s->type == ACCOUNT_TYPE_MARGIN;
}

static void move_cash(struct flow *f, unsigned number, struct command *c)
{
    static const int64_t most_cash[ACCOUNTS] = {200000, 20000, 3000, 700, 8000, 1000};
    int64_t most = most_cash[number];
    c->kind = COMMAND_MOVE_CASH;
    c->move_cash.account = numbered("A", number);
    c->move_cash.currency = flow_word("USD");
    c->move_cash.amount = (struct amount){flow_between(f, most / 2, most), 0};
}

/* ---- prices ---- */

static int64_t near_last(struct flow *f, const struct instrument_state *i, int64_t reach_ticks)
{
    int64_t last = i->last_price != 0 && flow_chance(f, 900) ? i->last_price : CENTER;
    int64_t price = last + flow_between(f, -reach_ticks, reach_ticks);
    if (price > CENTER && flow_chance(f, 100)) price -= 3;
    if (price < CENTER && flow_chance(f, 100)) price += 3;
    return price > 0 ? price : 1;
}

static void set_quote(struct flow *f, const struct instrument_state *i, struct command *c)
{
    struct command_set_quote *s = &c->set_quote;
    int64_t bid = near_last(f, i, REACH_TICKS);
    c->kind = COMMAND_SET_QUOTE;
    *s = (struct command_set_quote){.symbol = i->spec.symbol,
                                    .bid = flow_chance(f, 950) ? whole(bid) : flow_absent,
                                    .bid_quantity = whole(flow_between(f, 0, 25)),
                                    .ask = flow_absent,
                                    .ask_quantity = whole(flow_between(f, 0, 25))};
    if (flow_chance(f, 950)) s->ask = whole(bid + flow_between(f, 0, 2));
}

/* A price that a stop of that side can wait for. */
static int64_t stop_price(struct flow *f, const struct instrument_state *i, int side)
{
    int64_t reference = i->last_price;
    if (i->spec.trigger == TRIGGER_QUOTE) reference = side == SIDE_BUY ? i->ask : i->bid;
    if (reference == 0) reference = CENTER;
    int64_t away = flow_between(f, 1, 4), price = side == SIDE_BUY ? reference + away : reference - away;
    return price > 0 ? price : 1;
}

/* ---- orders ---- */

static void choose_kind(struct flow *f, const struct instrument_state *i, struct command_place *p)
{
    static const uint8_t tifs[] = {TIF_DAY, TIF_GTC, TIF_GTC, TIF_GTD, TIF_IOC, TIF_FOK};
    bool open = i->spec.state == INSTRUMENT_STATE_CONTINUOUS;
    p->type = ORDER_TYPE_LIMIT;
    p->tif = FLOW_PICK(f, tifs);
    if (flow_chance(f, 180)) p->type = ORDER_TYPE_MARKET;
    if (flow_uses(f, FLOW_STOPS, 260)) p->type = flow_chance(f, 600) ? ORDER_TYPE_STOP : ORDER_TYPE_STOP_LIMIT;
    bool stop = p->type == ORDER_TYPE_STOP || p->type == ORDER_TYPE_STOP_LIMIT;
    if (stop && p->tif > TIF_GTD) p->tif = TIF_GTC;
    if (!stop && flow_uses(f, FLOW_SESSIONS, open ? 30 : 150)) p->tif = TIF_ON_CLOSE;
    if (!stop && i->spec.state == INSTRUMENT_STATE_PRE_OPEN && flow_chance(f, 300)) p->tif = TIF_ON_OPEN;
    if (!open && !stop && p->tif < TIF_ON_OPEN)
        p->type = ORDER_TYPE_LIMIT, p->tif = p->tif > TIF_GTD ? TIF_DAY : p->tif;
    if (p->type == ORDER_TYPE_MARKET && p->tif == TIF_GTD) p->tif = TIF_DAY;
    if (p->tif == TIF_GTD) p->expires_ns = f->ts_ns + flow_between(f, 1, 400) * 1000000;
}

static void choose_prices(struct flow *f, const struct instrument_state *i, struct command_place *p)
{
    if (p->type == ORDER_TYPE_LIMIT || p->type == ORDER_TYPE_STOP_LIMIT) p->price = whole(near_last(f, i, REACH_TICKS));
    if (p->type != ORDER_TYPE_STOP && p->type != ORDER_TYPE_STOP_LIMIT) return;
    if (p->type == ORDER_TYPE_STOP_LIMIT || flow_chance(f, 650)) {
        p->stop_price = whole(stop_price(f, i, p->side));
    } else if (flow_chance(f, 600)) {
        p->trail = whole(flow_between(f, 1, 3));
    } else {
        p->trail = whole(flow_between(f, 1, 4));
        p->flags |= PLACE_TRAIL_PERCENT;
    }
}

static void choose_reduce_only(struct flow *f, const struct model *m, const struct instrument_state *i,
                               struct command_place *p)
{
    const struct account_state *a = model_account(m, &p->account);
    const struct position_state *position = a == NULL ? NULL : model_position(m, a->id, i->id);
    if (position == NULL || position->quantity == 0 || !flow_uses(f, FLOW_REDUCE, 200)) return;
    p->flags |= PLACE_REDUCE_ONLY;
    p->side = position->quantity > 0 ? SIDE_SELL : SIDE_BUY;
    int64_t size = position->quantity > 0 ? position->quantity : -position->quantity;
    p->quantity = whole(flow_between(f, 1, size < 30 ? size : 30));
}

static void choose_extras(struct flow *f, struct command_place *p)
{
    bool rests = p->type == ORDER_TYPE_LIMIT && p->tif <= TIF_GTD;
    bool at_once =
        (p->tif == TIF_IOC && p->type <= ORDER_TYPE_MARKET) || (p->type == ORDER_TYPE_MARKET && p->tif <= TIF_GTC);
    if (rests && flow_uses(f, FLOW_ICEBERG, 250))
        p->display_quantity = whole(flow_between(f, 1, (p->quantity.mantissa + 3) / 4));
    else if (rests && flow_uses(f, FLOW_AON, 150))
        p->flags |= PLACE_ALL_OR_NONE;
    else if (rests && flow_chance(f, 50))
        p->flags |= PLACE_POST_ONLY;
    else if (p->tif <= TIF_FOK && !(at_once && flow_uses(f, FLOW_AMOUNTS, 150)) && flow_uses(f, FLOW_QUOTE, 200))
        p->venue = flow_word("QUOTE");
    else if (at_once && flow_uses(f, FLOW_AMOUNTS, 150))
        p->min_quantity = whole(flow_between(f, 1, p->quantity.mantissa));
    if (p->type == ORDER_TYPE_MARKET && p->tif <= TIF_FOK && p->min_quantity.scale == DECIMAL_ABSENT &&
        flow_uses(f, FLOW_AMOUNTS, 150)) {
        p->quote_quantity = whole(p->quantity.mantissa * CENTER + flow_between(f, 0, 99));
        p->quantity = flow_absent;
    }
    if (flow_uses(f, FLOW_AMOUNTS, 60)) p->leverage = whole(1);
    if (flow_uses(f, FLOW_STP, 150)) p->stp = (uint8_t)flow_between(f, 1, STP_NUMBER_MAX);
    if (flow_uses(f, FLOW_DESK, 150)) p->client_order_id = flow_client_order_id(f);
}

static struct command_place empty_order(struct flow *f, const struct instrument_state *i)
{
    struct command_place p = {.account = some_account(f),
                              .symbol = i->spec.symbol,
                              .price = flow_absent,
                              .stop_price = flow_absent,
                              .display_quantity = flow_absent,
                              .quote_quantity = flow_absent,
                              .min_quantity = flow_absent,
                              .trail = flow_absent,
                              .leverage = flow_absent};
    p.quantity = whole(flow_chance(f, 100) ? flow_between(f, 20, 60) : flow_between(f, 1, 20));
    p.side = flow_chance(f, 500) ? SIDE_BUY : SIDE_SELL;
    return p;
}

static void place(struct flow *f, const struct model *m, struct command *c)
{
    const struct instrument_state *i = some_instrument(f, m);
    c->kind = COMMAND_PLACE;
    struct command_place *p = &c->place;
    *p = empty_order(f, i);
    choose_kind(f, i, p);
    choose_reduce_only(f, m, i, p);
    choose_prices(f, i, p);
    choose_extras(f, p);
    flow_choose_broker(f, m, p);
}

/* ---- groups ---- */

static struct command_leg leg_of(struct flow *f, const struct instrument_state *i, int side, int type)
{
    struct command_leg leg = {.price = flow_absent,
                              .stop_price = flow_absent,
                              .type = (uint8_t)type,
                              .tif = flow_chance(f, 500) ? TIF_DAY : TIF_GTC};
    if (type != ORDER_TYPE_STOP) leg.price = whole(near_last(f, i, REACH_TICKS));
    if (type != ORDER_TYPE_LIMIT) leg.stop_price = whole(stop_price(f, i, side));
    return leg;
}

static int some_stop_type(struct flow *f)
{
    return flow_chance(f, 600) ? ORDER_TYPE_STOP : ORDER_TYPE_STOP_LIMIT;
}

static void place_linked(struct flow *f, const struct model *m, struct command *c)
{
    const struct instrument_state *i = some_instrument(f, m);
    struct command_place_linked *l = &c->place_linked;
    c->kind = COMMAND_PLACE_LINKED;
    l->entry = empty_order(f, i);
    l->link = (uint8_t)flow_between(f, 1, LINK_NUMBER_MAX);
    l->activation = (uint8_t)(l->link == LINK_OCO ? 0 : flow_between(f, 1, 2));
    l->entry.type = ORDER_TYPE_LIMIT;
    l->entry.tif = flow_chance(f, 300) ? TIF_DAY : TIF_GTC;
    if (flow_chance(f, 200)) l->entry.type = (uint8_t)some_stop_type(f);
    bool market = l->link != LINK_OCO && i->spec.state == INSTRUMENT_STATE_CONTINUOUS && flow_chance(f, 200);
    if (market) l->entry.type = ORDER_TYPE_MARKET;
    choose_prices(f, i, &l->entry);
    if (l->entry.trail.scale != DECIMAL_ABSENT) {
        l->entry.trail = flow_absent;
        l->entry.flags = 0;
        l->entry.stop_price = whole(stop_price(f, i, l->entry.side));
    }
    int other = l->entry.side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    if (l->link == LINK_BRACKET) {
        l->legs[0] = leg_of(f, i, other, ORDER_TYPE_LIMIT);
        l->legs[1] = leg_of(f, i, other, some_stop_type(f));
    } else if (l->link == LINK_OCO) {
        l->legs[0] = leg_of(f, i, l->entry.side, flow_chance(f, 300) ? ORDER_TYPE_LIMIT : some_stop_type(f));
    } else {
        int side = flow_chance(f, 700) ? other : l->entry.side;
        l->legs[0] = leg_of(f, i, side, flow_chance(f, 500) ? ORDER_TYPE_LIMIT : some_stop_type(f));
        l->legs[0].side = (uint8_t)side;
    }
}

/* ---- what is open ---- */

static const struct order_state *some_order(struct flow *f, const struct model *m)
{
    return m->orders_count == 0 ? NULL : &m->orders[flow_roll(f, m->orders_count)];
}

static void modify(struct flow *f, const struct model *m, struct command *c)
{
    const struct order_state *o = some_order(f, m);
    if (o == NULL || o->flags & PLACE_GTT) {
        place(f, m, c);
        return;
    }
    const struct instrument_state *i = flow_instrument_of(m, o);
    struct command_modify *s = &c->modify;
    c->kind = COMMAND_MODIFY;
    *s = (struct command_modify){.order_id = o->id,
                                 .price = flow_absent,
                                 .quantity = flow_absent,
                                 .stop_price = flow_absent,
                                 .display_quantity = flow_absent};
    bool priced = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
    bool stop = (o->type == ORDER_TYPE_STOP || o->type == ORDER_TYPE_STOP_LIMIT) && o->extra.trail == 0;
    if (priced && flow_chance(f, 600)) s->price = whole(near_last(f, i, REACH_TICKS));
    if (stop && flow_chance(f, 600)) s->stop_price = whole(stop_price(f, i, o->side));
    if (o->extra.display_quantity != 0 && flow_chance(f, 400))
        s->display_quantity = whole(flow_between(f, 1, o->leaves));
    bool linked = o->extra.link == LINK_OCO || (o->extra.link != 0 && o->extra.member > 0);
    bool nothing = s->price.scale == DECIMAL_ABSENT && s->stop_price.scale == DECIMAL_ABSENT;
    int64_t filled = o->quantity - o->leaves;
    if (linked || !(nothing || flow_chance(f, 500))) return;
    s->quantity = whole(filled + flow_between(f, 1, o->leaves + 8));
    if (filled > 0 && flow_chance(f, 60)) s->quantity = whole(filled);
}

static void cancel(struct flow *f, const struct model *m, struct command *c)
{
    const struct order_state *o = some_order(f, m);
    c->kind = COMMAND_CANCEL;
    c->cancel.order_id = o == NULL ? 1 : o->id;
}

static void gtt(struct flow *f, const struct model *m, struct command *c)
{
    const struct instrument_state *i = some_instrument(f, m);
    struct command_gtt_place *g = &c->gtt_place;
    c->kind = COMMAND_GTT_PLACE;
    *g = (struct command_gtt_place){.account = some_account(f),
                                    .symbol = i->spec.symbol,
                                    .side = flow_chance(f, 500) ? SIDE_BUY : SIDE_SELL,
                                    .legs_count = flow_chance(f, 500) ? 1 : 2};
    for (unsigned k = 0; k < 2; k++) {
        int up = k == 0 ? SIDE_BUY : SIDE_SELL;
        g->legs[k].trigger_price = whole(stop_price(f, i, up));
        g->legs[k].price = flow_chance(f, 500) ? whole(near_last(f, i, REACH_TICKS)) : flow_absent;
        g->legs[k].quantity = whole(flow_between(f, 1, 20));
    }
}

/* More all-or-none orders meet the price of a small offer than one command looks at; none of them is small enough. */
static void crowd(struct flow *f, const struct model *m, struct command *c)
{
    const struct instrument_state *i = &m->instruments[0];
    int64_t last = i->last_price != 0 ? i->last_price : CENTER;
    bool first = f->episode_left == CROWD;
    if (--f->episode_left == 0) f->episode = EPISODE_NONE;
    c->kind = first ? COMMAND_MASS_CANCEL : COMMAND_PLACE;
    if (first) return;
    struct command_place *p = &c->place;
    *p = empty_order(f, i);
    p->type = ORDER_TYPE_LIMIT;
    p->tif = TIF_GTC;
    if (f->episode_left > CROWD - 80) {
        p->account = numbered("A", CROWDED);
        p->side = SIDE_BUY;
        p->flags = PLACE_ALL_OR_NONE;
        p->quantity = whole(5000);
        p->price = whole(last + flow_between(f, 0, 2));
    } else {
        p->account = numbered("A", flow_chance(f, 900) ? 0 : 1);
        p->side = SIDE_SELL;
        p->quantity = whole(flow_chance(f, 900) ? 1 : 5000);
        p->price = whole(last);
    }
}

/* House accounts, who need no cash, meet the largest numbers: a quote that is worth more than an order may be, a position of
 * @QUOTE that may not grow any more, an auction in which a seller would get more than an order may. */
enum { VAST_QUOTE = 4, VAST_POSITION = 100, VAST_AUCTION = 108, VAST = 110 };
#define VAST_PRICE ((int64_t)10000000000)

static void vast_order(const struct instrument_state *i, const char *account, int side, int64_t price, int64_t quantity,
                       struct command *c)
{
    c->kind = COMMAND_PLACE;
    c->place = (struct command_place){.account = flow_word(account),
                                      .symbol = i->spec.symbol,
                                      .price = whole(price),
                                      .quantity = whole(quantity),
                                      .stop_price = flow_absent,
                                      .display_quantity = flow_absent,
                                      .quote_quantity = flow_absent,
                                      .min_quantity = flow_absent,
                                      .trail = flow_absent,
                                      .leverage = flow_absent,
                                      .side = (uint8_t)side,
                                      .type = ORDER_TYPE_LIMIT,
                                      .tif = TIF_GTC};
}

static void vast_set_quote(const struct instrument_state *i, int64_t bid, int64_t ask, struct command *c)
{
    c->kind = COMMAND_SET_QUOTE;
    c->set_quote = (struct command_set_quote){.symbol = i->spec.symbol,
                                              .bid = whole(bid),
                                              .bid_quantity = whole(QUANTITY_MAX),
                                              .ask = whole(ask),
                                              .ask_quantity = whole(QUANTITY_MAX)};
}

/* @QUOTE's position goes on in the direction in which it is; at last somebody has more open than a position may become. */
static void vast_position(struct flow *f, const struct model *m, const struct instrument_state *i, struct command *c)
{
    const struct position_state *p = model_position(m, m->accounts[3].id, i->id);
    int side = p == NULL || p->quantity <= 0 ? SIDE_BUY : SIDE_SELL;
    const char *account = flow_chance(f, 900) ? "@external" : "@import";
    if (f->episode_left < VAST - VAST_POSITION + 15) {
        vast_order(i, "@external", side, side == SIDE_BUY ? 1 : VAST_PRICE, QUANTITY_MAX, c);
    } else if (f->episode_left % 2 == 0) {
        vast_set_quote(i, CENTER, CENTER, c);
    } else {
        vast_order(i, account, side, CENTER, QUANTITY_MAX, c);
        c->place.venue = flow_word("QUOTE");
        c->place.tif = TIF_IOC;
    }
}

static void vast(struct flow *f, const struct model *m, struct command *c)
{
    const struct instrument_state *i = &m->instruments[m->instruments_count - 1];
    int step = VAST - (int)f->episode_left;
    if (--f->episode_left == 0) f->episode = EPISODE_NONE;
    if (step == 0) {
        c->kind = COMMAND_MASS_CANCEL;
    } else if (step == 1) {
        vast_set_quote(i, 0, 0, c);
    } else if (step == 2) {
        vast_order(i, "@external", SIDE_SELL, 1, QUANTITY_MAX, c);
        c->place.venue = flow_word("QUOTE");
    } else if (step < VAST_QUOTE) {
        vast_set_quote(i, VAST_PRICE, 0, c);
    } else if (step < VAST_POSITION) {
        vast_position(f, m, i, c);
    } else if (step == VAST_POSITION) {
        set_state(i, INSTRUMENT_STATE_PRE_OPEN, c);
        c->set_instrument.fields |= INSTRUMENT_HAS_COLLAR;
        c->set_instrument.collar_percent = whole(0);
    } else if (step == VAST_POSITION + 1) {
        vast_order(i, "@external", SIDE_SELL, 1, 1300000000000000, c);
    } else if (step < VAST_AUCTION - 3) {
        vast_order(i, "@import", SIDE_BUY, VAST_PRICE, 700000000000000, c);
    } else if (step == VAST_AUCTION - 3) {
        set_state(i, INSTRUMENT_STATE_CONTINUOUS, c);
    } else if (step < VAST_AUCTION) {
        c->kind = COMMAND_MASS_CANCEL;
    } else {
        vast_order(i, "@import", step == VAST_AUCTION ? SIDE_BUY : SIDE_SELL, CENTER, 1, c); /* the price is back */
    }
}

/* ---- the mix ---- */

static void make_setup(struct flow *f, const struct model *m, struct command *c)
{
    uint32_t step = f->setup_step++;
    if (step == 0) {
        c->kind = COMMAND_SET_LIMITS;
        c->set_limits = m->scalars.limits;
    } else if (step <= INSTRUMENTS) {
        set_instrument(f, step - 1, c);
    } else if (step <= INSTRUMENTS + ACCOUNTS) {
        make_account(f, step - INSTRUMENTS - 1, c);
    } else {
        move_cash(f, step - INSTRUMENTS - ACCOUNTS - 1, c);
    }
}

/* What is closed or halted is opened again before long. */
static bool make_repair(struct flow *f, const struct model *m, struct command *c)
{
    if (m->scalars.trading != 0 && flow_chance(f, 150)) {
        c->kind = COMMAND_SET_TRADING;
        c->set_trading.status = ACCOUNT_STATUS_ACTIVE;
        return true;
    }
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        const struct instrument_state *i = &m->instruments[k];
        if (i->spec.trading != 0 && flow_chance(f, 100)) {
            c->kind = COMMAND_SET_TRADING;
            c->set_trading.symbol = i->spec.symbol;
            c->set_trading.status = ACCOUNT_STATUS_ACTIVE;
            return true;
        }
        if (i->spec.state != INSTRUMENT_STATE_CONTINUOUS && flow_chance(f, 60)) {
            bool auction = i->spec.state == INSTRUMENT_STATE_PRE_OPEN && flow_chance(f, 500);
            set_state(i, auction ? INSTRUMENT_STATE_AUCTION : INSTRUMENT_STATE_CONTINUOUS, c);
            return true;
        }
    }
    for (uint32_t k = HOUSE_ACCOUNTS; k < m->accounts_count; k++) {
        if (m->accounts[k].status == ACCOUNT_STATUS_ACTIVE || !flow_chance(f, 60)) continue;
        c->kind = COMMAND_SET_TRADING;
        c->set_trading.account = m->accounts[k].account;
        c->set_trading.status = ACCOUNT_STATUS_ACTIVE;
        return true;
    }
    return false;
}

static void restrain(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_SET_TRADING;
    c->set_trading.status = flow_chance(f, 600) ? ACCOUNT_STATUS_REDUCING : ACCOUNT_STATUS_HALTED;
    c->set_trading.cancel = flow_chance(f, 100);
    unsigned whom = flow_roll(f, 4);
    if (whom == 0) return;
    if (whom == 1)
        c->set_trading.symbol = some_instrument(f, m)->spec.symbol;
    else
        c->set_trading.account = some_account(f);
}

static void make_seldom(struct flow *f, const struct model *m, struct command *c, unsigned roll)
{
    if (roll < 300 && f->features & FLOW_SESSIONS)
        change_state(f, some_instrument(f, m), c);
    else if (roll < 380 && f->features & FLOW_TRADING)
        restrain(f, m, c);
    else if (roll < 480)
        set_account(f, flow_roll(f, ACCOUNTS), c);
    else if (roll < 560)
        set_instrument(f, flow_roll(f, INSTRUMENTS), c);
    else if (roll < 590)
        move_cash(f, flow_roll(f, ACCOUNTS), c);
    else if (roll < 800 && f->features & FLOW_MARGIN)
        c->kind = COMMAND_CHECK_MARGIN;
    else if (roll < 850)
        flow_make_mass_cancel(f, m, c);
    else if (roll < 880)
        flow_make_end_of_day(f, m, c);
    else if (roll < 940 && f->features & FLOW_GTT)
        flow_make_gtt(f, m, c);
    else if (roll < 943 && f->features & FLOW_AON)
        f->episode = EPISODE_CROWD, f->episode_left = CROWD, crowd(f, m, c);
    else if (roll < 948 && f->features & FLOW_QUOTE && f->features & FLOW_SESSIONS)
        f->episode = EPISODE_WHALES, f->episode_left = VAST, vast(f, m, c);
    else
        c->kind = COMMAND_TICK;
}

static void make_any(struct flow *f, const struct model *m, struct command *c)
{
    unsigned roll = flow_roll(f, 1000);
    if (flow_make_desk(f, m, c)) return;
    if (roll < 560)
        place(f, m, c);
    else if (roll < 680)
        (f->features & FLOW_LINKS ? place_linked : place)(f, m, c);
    else if (roll < 770)
        modify(f, m, c);
    else if (roll < 830)
        cancel(f, m, c);
    else if (roll < 890)
        set_quote(f, some_instrument(f, m), c);
    else if (roll < 915)
        (f->features & FLOW_GTT ? gtt : place)(f, m, c);
    else
        make_seldom(f, m, c, flow_roll(f, 1000));
}

void flow_lively_next(struct flow *f, const struct model *m, struct command *c)
{
    if (f->setup_step < STEPS_OF_SETUP)
        make_setup(f, m, c);
    else if (model_continue_needed(m, f->ts_ns) && flow_chance(f, 850))
        c->kind = COMMAND_CONTINUE;
    else if (f->episode == EPISODE_CROWD)
        crowd(f, m, c);
    else if (f->episode == EPISODE_WHALES)
        vast(f, m, c);
    else if (!make_repair(f, m, c))
        make_any(f, m, c);
}

/* api/json_command.c - JSON objects to commands.
 * Each kind of command is a table of the fields it has: their names, how each is read, where it goes (json_fields.c reads
 * them). What a body may leave open (the type of an order, how many legs there are) is settled below the tables.
 * What must stay true: what a command did not say is left absent. */
#include <stdlib.h>
#include <string.h>

#include "api/json_command.h"
#include "api/json_fields.h"
#include "core/error.h"

#define AT(member)            .offset = offsetof(struct json_command, command.member)
#define SAID(member)          .offset = offsetof(struct json_command, said.member)
#define LEG(member)           .offset = offsetof(struct command_leg, member)
#define GTT_LEG(member)       .offset = offsetof(struct gtt_leg, member)
#define RULE(member)          .offset = offsetof(struct route_rule, member)
#define FILL_ROW(member)      .offset = offsetof(struct fill_row, member)
#define STATEMENT_ROW(member) .offset = offsetof(struct statement_row, member)
/* Of a list that the command owns. */
#define COUNT(member) .owned = true, .count = offsetof(struct json_command, command.member)

/* Bits of said.given beside those of an instrument's and an account's fields. */
enum {
    GIVEN_TRADING = 1 << 30, /* SET_INSTRUMENT */
    GIVEN_LEGS = 1 << 0,     /* PLACE_LINKED, GTT_* */
    GIVEN_TAKE_PROFIT = 1 << 1,
    GIVEN_STOP_LOSS = 1 << 2,
    GIVEN_LEG = 1 << 3 /* GTT_*: a leg's fields beside the others */
};

/* Everything absent: zero, but for decimals, whose zero is a number. */
static const struct decimal none = {0, DECIMAL_ABSENT};

static void order_clear(void *item)
{
    struct command_place *o = item;
    o->price = o->quantity = o->stop_price = o->display_quantity = none;
    o->quote_quantity = o->min_quantity = o->trail = o->leverage = none;
}

static void rule_clear(void *item)
{
    struct route_rule *r = item;
    r->min_quantity = r->max_quantity = none;
}

static void fill_row_clear(void *item)
{
    struct fill_row *f = item;
    f->price = f->quantity = none;
    f->kind = FILL_NEW;
}

static void statement_row_clear(void *item)
{
    struct statement_row *r = item;
    r->price = r->quantity = none;
    r->fee.scale = DECIMAL_ABSENT;
}

static const struct field limits_fields[] = {
#define X(limit, def, largest) {{#limit}, read_u32, AT(set_limits.limit)},
    LIMITS(X)
#undef X
};

static const struct field currency_fields[] = {
    {{"currency"}, read_name, AT(set_currency.currency), .path = PATH_CURRENCY, .required = true},
    {{"scale"}, read_scale, AT(set_currency.scale)},
};

static const struct field instrument_fields[] = {
    {{"symbol"}, read_name, AT(set_instrument.symbol), .path = PATH_SYMBOL, .required = true},
    {{"currency"}, read_name, AT(set_instrument.currency), INSTRUMENT_HAS_CURRENCY},
    {{"tick_size"}, read_decimal, AT(set_instrument.tick_size), INSTRUMENT_HAS_TICK_SIZE},
    {{"lot_size"}, read_decimal, AT(set_instrument.lot_size), INSTRUMENT_HAS_LOT_SIZE},
    {{"min_quantity"}, read_decimal, AT(set_instrument.min_quantity), INSTRUMENT_HAS_MIN_QUANTITY},
    {{"max_quantity"}, read_decimal, AT(set_instrument.max_quantity), INSTRUMENT_HAS_MAX_QUANTITY},
    {{"max_notional"}, read_amount, AT(set_instrument.max_notional), INSTRUMENT_HAS_MAX_NOTIONAL},
    {{"price_collar_percent"}, read_decimal, AT(set_instrument.collar_percent), INSTRUMENT_HAS_COLLAR},
    {{"maker_fee_bps"}, read_decimal, AT(set_instrument.maker_fee_bps), INSTRUMENT_HAS_MAKER_FEE},
    {{"taker_fee_bps"}, read_decimal, AT(set_instrument.taker_fee_bps), INSTRUMENT_HAS_TAKER_FEE},
    {{"trigger"}, read_trigger, AT(set_instrument.trigger), INSTRUMENT_HAS_TRIGGER},
    {{"settlement_days"}, read_u16, AT(set_instrument.settlement_days), INSTRUMENT_HAS_SETTLEMENT_DAYS},
    {{"state"}, read_instrument_state, AT(set_instrument.state), INSTRUMENT_HAS_STATE},
    {{"max_leverage"}, read_decimal, AT(set_instrument.max_leverage), INSTRUMENT_HAS_MAX_LEVERAGE},
    {{"mark"}, read_trigger, AT(set_instrument.mark), INSTRUMENT_HAS_MARK},
    {{"halt_on_breach"}, read_bool, AT(set_instrument.halt_on_breach), INSTRUMENT_HAS_HALT_ON_BREACH},
    {{"trading"}, read_account_status, SAID(trading), GIVEN_TRADING},
    {{"cancel"}, read_bool, SAID(cancel)},
};

static const struct field account_limits_fields[] = {
    {{"max_order_quantity"}, read_decimal, AT(set_account.max_order_quantity), ACCOUNT_HAS_MAX_ORDER_QUANTITY},
    {{"max_order_notional"}, read_decimal, AT(set_account.max_order_notional), ACCOUNT_HAS_MAX_ORDER_NOTIONAL},
    {{"max_position"}, read_decimal, AT(set_account.max_position), ACCOUNT_HAS_MAX_POSITION},
    {{"max_open_orders"}, read_u32, AT(set_account.max_open_orders), ACCOUNT_HAS_MAX_OPEN_ORDERS},
    {{"max_orders_per_second"}, read_u32, AT(set_account.max_orders_per_second), ACCOUNT_HAS_MAX_ORDERS_PER_SECOND},
};
static const struct field_table account_limits_table = FIELD_TABLE(account_limits_fields);

static const struct field account_fields[] = {
    {{"account"}, read_name, AT(set_account.account), .path = PATH_ACCOUNT, .required = true},
    {{"type"}, read_account_type, AT(set_account.type), ACCOUNT_HAS_TYPE},
    {{"leverage"}, read_decimal, AT(set_account.leverage), ACCOUNT_HAS_LEVERAGE},
    {{"allow_short"}, read_bool, AT(set_account.allow_short), ACCOUNT_HAS_ALLOW_SHORT},
    {{"status"}, read_account_status, AT(set_account.status), ACCOUNT_HAS_STATUS},
    {{"limits"}, .inner = &account_limits_table},
    {{"stp"}, read_stp, AT(set_account.stp), ACCOUNT_HAS_STP},
    {{"maker_fee_bps"}, read_decimal, AT(set_account.maker_fee_bps), ACCOUNT_HAS_MAKER_FEE, .null_says = true},
    {{"taker_fee_bps"}, read_decimal, AT(set_account.taker_fee_bps), ACCOUNT_HAS_TAKER_FEE, .null_says = true},
    {{"margin_call_percent"}, read_decimal, AT(set_account.margin_call_percent), ACCOUNT_HAS_MARGIN_CALL},
    {{"liquidation_percent"}, read_decimal, AT(set_account.liquidation_percent), ACCOUNT_HAS_LIQUIDATION},
    {{"cancel"}, read_bool, SAID(cancel)},
};

static const struct field cash_fields[] = {
    {{"account"}, read_name, AT(move_cash.account), .path = PATH_ACCOUNT, .required = true},
    {{"currency"}, read_name, AT(move_cash.currency), .path = PATH_CURRENCY, .required = true},
    {{"amount"}, read_amount, AT(move_cash.amount), .required = true},
};

static const struct field quote_fields[] = {
    {{"symbol"}, read_name, AT(set_quote.symbol), .path = PATH_SYMBOL, .required = true},
    {{"bid"}, read_decimal, AT(set_quote.bid)},
    {{"bid_quantity"}, read_decimal, AT(set_quote.bid_quantity)},
    {{"ask"}, read_decimal, AT(set_quote.ask)},
    {{"ask_quantity"}, read_decimal, AT(set_quote.ask_quantity)},
};

static const struct field leg_fields[] = {
    {{"type", "orderType"}, read_order_type, LEG(type)},
    {{"price", "price_limit", "limit_price"}, read_decimal, LEG(price)},
    {{"stop_price", "trigger_price"}, read_decimal, LEG(stop_price)},
    {{"side", "direction"}, read_side, LEG(side)},
    {{"tif"}, read_tif, LEG(tif)},
};
static const struct field_table leg_table = FIELD_TABLE(leg_fields);

/* A bracket's legs by what they are for. */
static const struct field link_fields[] = {
    {{"type"}, read_link, AT(place_linked.link), .required = true},
    {{"activation"}, read_activation, AT(place_linked.activation)},
    {{"legs"},
     .given = GIVEN_LEGS,
     .inner = &leg_table,
     AT(place_linked.legs),
     .items_max = 2,
     .item_bytes = sizeof(struct command_leg)},
    {{"take_profit"}, .given = GIVEN_TAKE_PROFIT, .inner = &leg_table, AT(place_linked.legs[0])},
    {{"stop_loss"}, .given = GIVEN_STOP_LOSS, .inner = &leg_table, AT(place_linked.legs[1])},
};
static const struct field_table link_table = FIELD_TABLE(link_fields);
_Static_assert(offsetof(struct command_place_linked, entry) == 0, "an entry's fields are read as a PLACE's");

/* orderId and orderType are what callers of old systems send; user_id and portfolio_id are accounts there. */
#define ACCOUNT_NAMES                                                                                                  \
    {                                                                                                                  \
        "account", "user_id", "portfolio_id"                                                                           \
    }
/* What an order says, alone (at: AT_PLACE) or in a batch (at: AT_ORDER), beside its account and its link. */
#define ORDER_FIELDS(at)                                                                                               \
    {{"symbol", "instrument_id"}, read_name, at(symbol), .path = PATH_SYMBOL, .required = true},                       \
        {{"side", "direction"}, read_side, at(side), .required = true},                                                \
        {{"quantity", "qty"}, read_decimal, at(quantity)}, {{"quote_quantity"}, read_decimal, at(quote_quantity)},     \
        {{"type", "orderType"}, read_order_type, at(type)},                                                            \
        {{"price", "price_limit", "limit_price"}, read_decimal, at(price)},                                            \
        {{"stop_price", "trigger_price"}, read_decimal, at(stop_price)},                                               \
        {{"trail_amount"}, read_trail_amount, at(trail)}, {{"trail_percent"}, read_trail_percent, at(trail)},          \
        {{"tif"}, read_tif, at(tif)}, {{"expires_at"}, read_expiry, at(expires_ns)},                                   \
        {{"client_order_id", "orderId"}, read_client_order_id, at(client_order_id)},                                   \
        {{"display_quantity"}, read_decimal, at(display_quantity)},                                                    \
        {{"min_quantity"}, read_decimal, at(min_quantity)}, {{"post_only"}, read_post_only, at(flags)},                \
        {{"reduce_only"}, read_reduce_only, at(flags)}, {{"all_or_none"}, read_all_or_none, at(flags)},                \
        {{"leverage"}, read_decimal, at(leverage)}, {{"stp"}, read_stp, at(stp)}, {{"venue"}, read_name, at(venue)},   \
    {                                                                                                                  \
        {"tag"}, read_tag, at(tag)                                                                                     \
    }
#define AT_PLACE(member) AT(place.member)
#define AT_ORDER(member) .offset = offsetof(struct command_place, member)

static const struct field place_fields[] = {
    {ACCOUNT_NAMES, read_name, AT(place.account), .path = PATH_ACCOUNT, .required = true},
    ORDER_FIELDS(AT_PLACE),
    {{"link"}, .inner = &link_table},
};

/* An order of a batch: of the batch's account, unless it names another. */
static const struct field batch_order_fields[] = {
    {ACCOUNT_NAMES, read_name, AT_ORDER(account)},
    ORDER_FIELDS(AT_ORDER),
    {{"link"}, read_no_link, AT_ORDER(flags)},
};
static const struct field_table batch_order_table = FIELD_TABLE(batch_order_fields);

static const struct field modify_fields[] = {
    {{"order_id"}, read_id, AT(modify.order_id), .path = PATH_ORDER_ID, .required = true},
    {{"quantity", "qty"}, read_decimal, AT(modify.quantity)},
    {{"price", "price_limit", "limit_price"}, read_decimal, AT(modify.price)},
    {{"stop_price", "trigger_price"}, read_decimal, AT(modify.stop_price)},
    {{"display_quantity"}, read_decimal, AT(modify.display_quantity)},
};

static const struct field cancel_fields[] = {
    {{"order_id"}, read_id, AT(cancel.order_id), .path = PATH_ORDER_ID, .required = true},
};

static const struct field mass_cancel_fields[] = {
    {{"account"}, read_name, AT(mass_cancel.account), .path = PATH_ACCOUNT},
    {{"symbol"}, read_name, AT(mass_cancel.symbol), .path = PATH_SYMBOL},
    {{"side"}, read_side, AT(mass_cancel.side)},
};

static const struct field end_of_day_fields[] = {
    {{"symbol"}, read_name, AT(end_of_day.symbol), .path = PATH_SYMBOL},
};

static const struct field trading_fields[] = {
    {{"account"}, read_name, AT(set_trading.account), .path = PATH_ACCOUNT},
    {{"symbol"}, read_name, AT(set_trading.symbol), .path = PATH_SYMBOL},
    {{"status", "trading"}, read_account_status, AT(set_trading.status), .required = true},
    {{"cancel"}, read_bool, AT(set_trading.cancel)},
};

static const struct field gtt_leg_fields[] = {
    {{"trigger_price"}, read_decimal, GTT_LEG(trigger_price)},
    {{"price"}, read_decimal, GTT_LEG(price)},
    {{"quantity", "qty"}, read_decimal, GTT_LEG(quantity)},
};
static const struct field_table gtt_leg_table = FIELD_TABLE(gtt_leg_fields);

/* The legs of a GTT: a list, or one leg's fields beside the others. */
#define GTT_LEGS(kind)                                                                                                 \
    {{"trigger_price"}, read_decimal, AT(kind.legs[0].trigger_price), GIVEN_LEG},                                      \
        {{"price"}, read_decimal, AT(kind.legs[0].price), GIVEN_LEG},                                                  \
        {{"quantity", "qty"}, read_decimal, AT(kind.legs[0].quantity), GIVEN_LEG},                                     \
    {                                                                                                                  \
        {"legs"}, .given = GIVEN_LEGS, .inner = &gtt_leg_table, AT(kind.legs), .items_max = 2,                         \
                  .item_bytes = sizeof(struct gtt_leg)                                                                 \
    }

static const struct field gtt_place_fields[] = {
    {{"account", "user_id", "portfolio_id"}, read_name, AT(gtt_place.account), .path = PATH_ACCOUNT, .required = true},
    {{"symbol", "instrument_id"}, read_name, AT(gtt_place.symbol), .path = PATH_SYMBOL, .required = true},
    {{"side", "direction"}, read_side, AT(gtt_place.side), .required = true},
    {{"expires_at"}, read_expiry, AT(gtt_place.expires_ns)},
    GTT_LEGS(gtt_place),
};

static const struct field gtt_modify_fields[] = {
    {{"gtt_id"}, read_id, AT(gtt_modify.gtt_id), .path = PATH_ORDER_ID, .required = true},
    {{"expires_at"}, read_expiry, AT(gtt_modify.expires_ns)},
    {{"status"}, read_gtt_status, AT(gtt_modify.status)},
    GTT_LEGS(gtt_modify),
};

static const struct field gtt_delete_fields[] = {
    {{"gtt_id"}, read_id, AT(gtt_delete.gtt_id), .path = PATH_ORDER_ID, .required = true},
};

static const struct field check_margin_fields[] = {
    {{"account"}, read_name, AT(check_margin.account), .path = PATH_ACCOUNT},
};

static const struct field venue_fields[] = {
    {{"venue"}, read_name, AT(set_venue.venue), .path = PATH_VENUE, .required = true},
    {{"state"}, read_venue_state, AT(set_venue.state)},
    {{"simulated"}, read_simulated, AT(set_venue.simulated)},
    {{"cause"}, read_venue_cause, AT(set_venue.cause)},
};

static const struct field rule_fields[] = {
    {{"account"}, read_name, RULE(account)},
    {{"symbol"}, read_name, RULE(symbol)},
    {{"type"}, read_order_type, RULE(type)},
    {{"side"}, read_side, RULE(side)},
    {{"min_quantity"}, read_decimal, RULE(min_quantity)},
    {{"max_quantity"}, read_decimal, RULE(max_quantity)},
    {{"venues"}, read_name, RULE(venues), .items_max = ROUTE_CANDIDATES_MAX, .item_bytes = sizeof(struct name)},
};
static const struct field_table rule_table = FIELD_TABLE(rule_fields);

static const struct field routing_fields[] = {
    {{"rules"},
     .required = true,
     .inner = &rule_table,
     AT(set_routing.rules),
     COUNT(set_routing.rules_count),
     .items_max = ROUTE_RULES_MAX,
     .item_bytes = sizeof(struct route_rule),
     .item_clear = rule_clear},
};

static const struct field batch_fields[] = {
    {ACCOUNT_NAMES, read_name, AT(batch.account), .path = PATH_ACCOUNT},
    {{"orders"},
     .required = true,
     .inner = &batch_order_table,
     AT(batch.orders),
     COUNT(batch.orders_count),
     .items_max = BATCH_ORDERS_MAX,
     .item_bytes = sizeof(struct command_place),
     .item_clear = order_clear},
    {{"atomic"}, read_bool, AT(batch.atomic)},
};

static const struct field cancel_batch_fields[] = {
    {{"batch_id"}, read_id, AT(cancel_batch.batch_id), .path = PATH_ORDER_ID, .required = true},
    {{"orders"}, read_u32, AT(cancel_batch.orders_count), .path = PATH_BATCH_ORDERS, .required = true},
};

static const struct field route_fields[] = {
    {{"order_id"}, read_id, AT(route.order_id), .path = PATH_ORDER_ID, .required = true},
    {{"venue"}, read_name, AT(route.venue)},
};

static const struct field report_fields[] = {
    {{"order_id"}, read_id, AT(report.order_id), .path = PATH_ORDER_ID, .required = true},
    {{"report"}, read_report, AT(report.report), .path = PATH_REPORT, .required = true},
    {{"venue"}, read_name, AT(report.venue)},
    {{"ext_order_id"}, read_ext_id, AT(report.ext_order_id)},
    {{"reason"}, read_reason, AT(report.reason)},
};

static const struct field fill_row_fields[] = {
    {{"order_id"}, read_id, FILL_ROW(order_id)},
    {{"fill_price", "price"}, read_decimal, FILL_ROW(price)},
    {{"fill_qty", "fill_quantity", "quantity", "qty"}, read_decimal, FILL_ROW(quantity)},
    {{"exec_id"}, read_ext_id, FILL_ROW(exec_id)},
    {{"ref_exec_id"}, read_ext_id, FILL_ROW(ref_exec_id)},
    {{"kind"}, read_fill_kind, FILL_ROW(kind)},
};
static const struct field_table fill_row_table = FIELD_TABLE(fill_row_fields);

static const struct field fill_fields[] = {
    {{"order_id"}, read_id, SAID(order_id), .path = PATH_ORDER_ID},
    {{"venue"}, read_name, AT(fill.venue)},
    {{"simulated"}, read_bool, AT(fill.simulated), .path = PATH_SIMULATED},
    {{"fills"},
     .required = true,
     .inner = &fill_row_table,
     AT(fill.fills),
     COUNT(fill.fills_count),
     .items_max = FILLS_MAX,
     .item_bytes = sizeof(struct fill_row),
     .item_clear = fill_row_clear},
};

static const struct field settle_fields[] = {
    {{"order_id"}, read_id, AT(settle.order_id), .path = PATH_ORDER_ID, .required = true},
};

/* Over HTTP the key is in the path, and the door makes the hash. */
static const struct field clear_key_fields[] = {
    {{"key"}, read_key_hash, AT(clear_key.key), .required = true},
};

static const struct field statement_row_fields[] = {
    {{"exec_id"}, read_ext_id, STATEMENT_ROW(exec_id), .required = true},
    {{"ext_order_id"}, read_ext_id, STATEMENT_ROW(ext_order_id)},
    {{"symbol", "instrument_id"}, read_name, STATEMENT_ROW(symbol), .required = true},
    {{"side", "direction"}, read_side, STATEMENT_ROW(side), .required = true},
    {{"price"}, read_decimal, STATEMENT_ROW(price), .required = true},
    {{"quantity", "qty"}, read_decimal, STATEMENT_ROW(quantity), .required = true},
    {{"fee"}, read_amount, STATEMENT_ROW(fee)},
};
static const struct field_table statement_row_table = FIELD_TABLE(statement_row_fields);

static const struct field statement_fields[] = {
    {{"venue"}, read_name, AT(statement.venue), .path = PATH_VENUE},
    {ACCOUNT_NAMES, read_name, AT(statement.account), .path = PATH_ACCOUNT},
    {{"from"}, read_time, AT(statement.from_ns), .required = true},
    {{"to"}, read_time, AT(statement.to_ns), .required = true},
    {{"rows"},
     .required = true,
     .inner = &statement_row_table,
     AT(statement.rows),
     COUNT(statement.rows_count),
     .items_max = STATEMENT_ROWS_MAX,
     .item_bytes = sizeof(struct statement_row),
     .item_clear = statement_row_clear},
};

/* The table of a kind, and how many fields it has. TICK and CONTINUE have none. */
static const struct field_table tables[COMMAND_KIND_NUMBER_MAX + 1] = {
    [COMMAND_SET_LIMITS] = FIELD_TABLE(limits_fields),
    [COMMAND_SET_CURRENCY] = FIELD_TABLE(currency_fields),
    [COMMAND_SET_INSTRUMENT] = FIELD_TABLE(instrument_fields),
    [COMMAND_SET_ACCOUNT] = FIELD_TABLE(account_fields),
    [COMMAND_MOVE_CASH] = FIELD_TABLE(cash_fields),
    [COMMAND_SET_QUOTE] = FIELD_TABLE(quote_fields),
    [COMMAND_PLACE] = FIELD_TABLE(place_fields),
    [COMMAND_MODIFY] = FIELD_TABLE(modify_fields),
    [COMMAND_CANCEL] = FIELD_TABLE(cancel_fields),
    [COMMAND_MASS_CANCEL] = FIELD_TABLE(mass_cancel_fields),
    [COMMAND_END_OF_DAY] = FIELD_TABLE(end_of_day_fields),
    [COMMAND_PLACE_LINKED] = FIELD_TABLE(place_fields),
    [COMMAND_SET_TRADING] = FIELD_TABLE(trading_fields),
    [COMMAND_GTT_PLACE] = FIELD_TABLE(gtt_place_fields),
    [COMMAND_GTT_MODIFY] = FIELD_TABLE(gtt_modify_fields),
    [COMMAND_GTT_DELETE] = FIELD_TABLE(gtt_delete_fields),
    [COMMAND_CHECK_MARGIN] = FIELD_TABLE(check_margin_fields),
    [COMMAND_SET_VENUE] = FIELD_TABLE(venue_fields),
    [COMMAND_SET_ROUTING] = FIELD_TABLE(routing_fields),
    [COMMAND_BATCH] = FIELD_TABLE(batch_fields),
    [COMMAND_CANCEL_BATCH] = FIELD_TABLE(cancel_batch_fields),
    [COMMAND_ROUTE] = FIELD_TABLE(route_fields),
    [COMMAND_REPORT] = FIELD_TABLE(report_fields),
    [COMMAND_FILL] = FIELD_TABLE(fill_fields),
    [COMMAND_SETTLE] = FIELD_TABLE(settle_fields),
    [COMMAND_CLEAR_KEY] = FIELD_TABLE(clear_key_fields),
    [COMMAND_STATEMENT] = FIELD_TABLE(statement_fields),
};
_Static_assert(COMMAND_KIND_NUMBER_MAX == 29, "a new kind of command needs its table here");

static void instrument_clear(struct command_set_instrument *s)
{
    s->tick_size = s->lot_size = s->min_quantity = s->max_quantity = none;
    s->collar_percent = s->maker_fee_bps = s->taker_fee_bps = s->max_leverage = none;
    s->max_notional.scale = DECIMAL_ABSENT;
}

static void account_clear(struct command_set_account *s)
{
    s->leverage = s->max_order_quantity = s->max_order_notional = s->max_position = none;
    s->maker_fee_bps = s->taker_fee_bps = s->margin_call_percent = s->liquidation_percent = none;
}

static void legs_clear(struct command_leg legs[2])
{
    for (int i = 0; i < 2; i++) legs[i].price = legs[i].stop_price = none;
}

static void gtt_legs_clear(struct gtt_leg legs[2])
{
    for (int i = 0; i < 2; i++) legs[i].trigger_price = legs[i].price = legs[i].quantity = none;
}

static void command_clear(struct json_command *out, enum command_kind kind)
{
    memset(out, 0, sizeof *out);
    struct command *c = &out->command;
    c->kind = (uint8_t)kind;
    switch (kind) {
    case COMMAND_SET_LIMITS: c->set_limits = limits_default(); break;
    case COMMAND_SET_CURRENCY: c->set_currency.scale = DECIMAL_ABSENT; break;
    case COMMAND_SET_INSTRUMENT: instrument_clear(&c->set_instrument); break;
    case COMMAND_SET_ACCOUNT: account_clear(&c->set_account); break;
    case COMMAND_SET_QUOTE:
        c->set_quote.bid = c->set_quote.bid_quantity = c->set_quote.ask = c->set_quote.ask_quantity = none;
        break;
    case COMMAND_PLACE: order_clear(&c->place); break;
    case COMMAND_PLACE_LINKED:
        order_clear(&c->place_linked.entry);
        legs_clear(c->place_linked.legs);
        break;
    case COMMAND_MODIFY:
        c->modify.price = c->modify.quantity = c->modify.stop_price = c->modify.display_quantity = none;
        break;
    case COMMAND_GTT_PLACE: gtt_legs_clear(c->gtt_place.legs); break;
    case COMMAND_GTT_MODIFY: gtt_legs_clear(c->gtt_modify.legs); break;
    case COMMAND_SET_VENUE: c->set_venue.cause = VENUE_CAUSE_OPERATOR; break;
    default: break;
    }
}

static bool given(struct decimal d)
{
    return d.scale != DECIMAL_ABSENT;
}

static bool gtt_leg_given(const struct gtt_leg *l)
{
    return given(l->trigger_price) || given(l->price) || given(l->quantity);
}

/* The type that the prices say. */
static uint8_t type_of(bool price, bool stop)
{
    if (stop) return price ? ORDER_TYPE_STOP_LIMIT : ORDER_TYPE_STOP;
    return price ? ORDER_TYPE_LIMIT : ORDER_TYPE_MARKET;
}

static int place_complete(struct command_place *pl, struct problem *p)
{
    if (!given(pl->quantity) && !given(pl->quote_quantity)) return json_malformed(p, "field \"quantity\" is missing");
    if (pl->type == 0) pl->type = type_of(given(pl->price), given(pl->stop_price) || given(pl->trail));
    if (pl->tif == 0) pl->tif = TIF_DAY;
    return 0;
}

/* The command holds two places for legs and does not say how many there are: the link does. */
static int legs_count_check(const struct json_command *j, struct problem *p)
{
    bool bracket = j->command.place_linked.link == LINK_BRACKET;
    bool named = (j->said.given & (GIVEN_TAKE_PROFIT | GIVEN_STOP_LOSS)) != 0;
    bool listed = (j->said.given & GIVEN_LEGS) != 0;
    if (named && listed) return json_malformed(p, "\"legs\" and \"take_profit\", \"stop_loss\" exclude each other");
    if (named && !bracket) return json_malformed(p, "\"take_profit\" and \"stop_loss\" belong to a BRACKET");
    bool both = (j->said.given & GIVEN_TAKE_PROFIT) != 0 && (j->said.given & GIVEN_STOP_LOSS) != 0;
    if (named && !both) return json_malformed(p, "a BRACKET has a \"take_profit\" and a \"stop_loss\"");
    if (!named && j->said.items != (bracket ? 2 : 1)) {
        return json_malformed(p, "field \"legs\" must hold %s", bracket ? "two legs" : "one leg");
    }
    return 0;
}

/* A leg lives as long as its entry may, when it does not say. */
static int linked_complete(struct json_command *j, struct problem *p)
{
    struct command_place_linked *l = &j->command.place_linked;
    if (l->link == 0) return json_malformed(p, "field \"link\" is missing");
    int result = place_complete(&l->entry, p);
    if (result == 0) result = legs_count_check(j, p);
    if (result != 0) return result;
    if (l->activation == 0 && l->link != LINK_OCO) l->activation = ACTIVATION_FULL_FILL;
    for (int i = 0; i < (l->link == LINK_BRACKET ? 2 : 1); i++) {
        struct command_leg *leg = &l->legs[i];
        if (leg->type == 0) leg->type = type_of(given(leg->price), given(leg->stop_price));
        if (leg->tif == 0) leg->tif = l->entry.tif == TIF_DAY ? TIF_DAY : TIF_GTC;
    }
    return 0;
}

static int gtt_legs_check(const struct json_said *said, struct problem *p)
{
    if ((said->given & GIVEN_LEGS) == 0 || (said->given & GIVEN_LEG) == 0) return 0;
    return json_malformed(p, "\"legs\" and a leg's fields beside it exclude each other");
}

static int gtt_place_complete(struct json_command *j, struct problem *p)
{
    if (j->said.given == 0) return json_malformed(p, "field \"trigger_price\" is missing");
    bool listed = (j->said.given & GIVEN_LEGS) != 0;
    if (listed && j->said.items == 0) return json_malformed(p, "field \"legs\" must hold one or two legs");
    j->command.gtt_place.legs_count = listed ? j->said.items : 1;
    return gtt_legs_check(&j->said, p);
}

static void trading_take(struct command *c, const struct name *account, const struct name *symbol, uint8_t status,
                         bool cancel)
{
    struct command_set_trading s = {.account = *account, .symbol = *symbol, .status = status, .cancel = cancel};
    c->kind = COMMAND_SET_TRADING;
    c->set_trading = s;
}

/* "trading", and cancelling with it, is a command of its own. */
static int instrument_complete(struct json_command *j, struct problem *p)
{
    struct command_set_instrument *s = &j->command.set_instrument;
    const struct name nobody = {{0}}, symbol = s->symbol;
    s->fields = j->said.given;
    if ((j->said.given & GIVEN_TRADING) == 0) {
        return j->said.cancel ? json_malformed(p, "field \"cancel\" goes with \"trading\"") : 0;
    }
    if (s->fields != GIVEN_TRADING) return json_malformed(p, "field \"trading\" is changed alone, or with \"cancel\"");
    trading_take(&j->command, &nobody, &symbol, j->said.trading, j->said.cancel);
    return 0;
}

/* So is cancelling with a change of status. */
static int account_complete(struct json_command *j, struct problem *p)
{
    struct command_set_account *s = &j->command.set_account;
    const struct name account = s->account, nothing = {{0}};
    s->fields = j->said.given;
    if (!j->said.cancel) return 0;
    if (s->fields != ACCOUNT_HAS_STATUS) return json_malformed(p, "field \"cancel\" goes with \"status\" alone");
    trading_take(&j->command, &account, &nothing, s->status, true);
    return 0;
}

static int batch_complete(struct json_command *j, struct problem *p)
{
    const struct command_batch *b = &j->command.batch;
    struct command_place *orders = j->memory;
    for (uint32_t i = 0; i < b->orders_count; i++) {
        if (name_empty(&orders[i].account)) orders[i].account = b->account;
        int result = name_empty(&orders[i].account) ? json_malformed(p, "field \"account\" is missing")
                                                    : place_complete(&orders[i], p);
        if (result == 0) continue;
        field_problem_at(p, "orders", i);
        return result;
    }
    return 0;
}

static int fill_complete(struct json_command *j, struct problem *p)
{
    struct fill_row *fills = j->memory;
    for (uint32_t i = 0; i < j->command.fill.fills_count; i++) {
        if (fills[i].order_id == 0) fills[i].order_id = j->said.order_id;
        if (fills[i].order_id != 0) continue;
        (void)json_malformed(p, "field \"order_id\" is missing");
        field_problem_at(p, "fills", i);
        return ERR_USAGE;
    }
    return 0;
}

static int command_complete(struct json_command *j, struct problem *p)
{
    switch (j->command.kind) {
    case COMMAND_PLACE: return place_complete(&j->command.place, p);
    case COMMAND_PLACE_LINKED: return linked_complete(j, p);
    case COMMAND_SET_INSTRUMENT: return instrument_complete(j, p);
    case COMMAND_SET_ACCOUNT: return account_complete(j, p);
    case COMMAND_GTT_PLACE: return gtt_place_complete(j, p);
    case COMMAND_GTT_MODIFY: return gtt_legs_check(&j->said, p);
    case COMMAND_BATCH: return batch_complete(j, p);
    case COMMAND_FILL: return fill_complete(j, p);
    default: return 0;
    }
}

/* At the door only: such a line may stand on a tape, where the engine refused it. */
static int something_is_asked(const struct command *c, struct problem *p)
{
    const struct command_modify *m = &c->modify;
    const struct command_gtt_modify *g = &c->gtt_modify;
    if (c->kind == COMMAND_MODIFY && !given(m->quantity) && !given(m->price) && !given(m->stop_price) &&
        !given(m->display_quantity))
        return json_malformed(p, "nothing to change: name price, quantity, stop_price or display_quantity");
    if (c->kind == COMMAND_GTT_MODIFY && !gtt_leg_given(&g->legs[0]) && !gtt_leg_given(&g->legs[1]) && g->status == 0 &&
        g->expires_ns == 0)
        return json_malformed(p, "nothing to change: name trigger_price, price, quantity, legs, expires_at or status");
    if (c->kind == COMMAND_BATCH && c->batch.orders_count == 0)
        return json_malformed(p, "field \"orders\" must hold an order");
    if (c->kind == COMMAND_FILL && c->fill.fills_count == 0)
        return json_malformed(p, "field \"fills\" must hold a fill");
    return 0;
}

static int op_read(const struct json_tree *t, const struct json_node *object, enum command_kind op_default,
                   enum command_kind *kind, struct problem *p)
{
    const struct json_node *n = json_member(t, object, "op");
    *kind = op_default;
    if (n == NULL && op_default == 0) return json_malformed(p, "field \"op\" is missing");
    if (n == NULL) return 0;
    *kind = n->type == JSON_STRING ? (enum command_kind)command_kind_from_text(n->text.bytes, n->text.len_bytes) : 0;
    return *kind != 0 ? 0 : json_field_problem(p, n, "names no command");
}

static bool member_said(const struct json_tree *t, const struct json_node *object, const char *key)
{
    const struct json_node *n = json_member(t, object, key);
    return n != NULL && n->type != JSON_NULL;
}

/* Orders are a BATCH, and an order with a link is a PLACE_LINKED, however it was asked for. */
static enum command_kind kind_with_members(const struct json_tree *t, const struct json_node *object,
                                           enum command_kind kind)
{
    if (kind != COMMAND_PLACE) return kind;
    if (member_said(t, object, "orders")) return COMMAND_BATCH;
    return member_said(t, object, "link") ? COMMAND_PLACE_LINKED : COMMAND_PLACE;
}

/* A member that stands beside those of the table. */
static int beside_read(const struct json_tree *t, const struct json_node *object, const char *name,
                       int (*read)(const struct json_node *n, struct json_command *out, void *at, struct problem *p),
                       struct json_command *out, void *at, struct problem *p)
{
    bool twice;
    const struct json_node *n = fields_member(t, object, name, &twice);
    if (twice) return json_field_problem(p, n, "says again what another of its names has said");
    return n == NULL ? 0 : read(n, out, at, p);
}

static bool key_hash_given(struct key_hash h)
{
    return h.lo != 0 || h.hi != 0;
}

static int origin_read(const struct json_tree *t, const struct json_node *object, struct json_command *out,
                       struct problem *p)
{
    struct command_origin *o = &out->command.origin;
    int result = beside_read(t, object, "actor", read_name, out, &o->actor, p);
    if (result == 0) result = beside_read(t, object, "request_id", read_request_id, out, &o->request_id, p);
    if (result == 0) result = beside_read(t, object, "key_hash", read_key_hash, out, &o->key, p);
    if (result == 0) result = beside_read(t, object, "body_hash", read_key_hash, out, &o->body, p);
    if (result == 0 && key_hash_given(o->body) && !key_hash_given(o->key))
        return json_malformed(p, "field \"body_hash\" goes with \"key_hash\"");
    return result;
}

/* Everything that the object says, into a cleared command that has its memory. */
static int object_read(const struct json_tree *t, const struct json_node *object, const struct json_path *path,
                       bool line, struct json_command *out, struct problem *p)
{
    const struct field_table *table = &tables[out->command.kind];
    uint32_t seen = 0;
    int result = fields_read(t, object, table, line ? FIELDS_OF_LINE : FIELDS_OF_BODY, out, out, &seen, p);
    if (result == 0) result = fields_complete(table, path, out, seen, p);
    if (result == 0)
        result = beside_read(t, object, "idempotency_key", read_idempotency_key, out, &out->said.idempotency_key, p);
    if (result == 0 && line) result = origin_read(t, object, out, p);
    if (result == 0 && !line) result = something_is_asked(&out->command, p);
    return result != 0 ? result : command_complete(out, p);
}

int json_command_read(const struct json_tree *t, const struct json_node *object, enum command_kind kind,
                      enum command_kind op_default, const struct json_path *path, struct json_command *out,
                      struct problem *p)
{
    bool line = kind == 0;
    memset(out, 0, sizeof *out);
    if (object->type != JSON_OBJECT) return json_malformed(p, "a command must be an object");
    if (line && op_read(t, object, op_default, &kind, p) != 0) return ERR_USAGE;
    if (kind < 1 || kind > COMMAND_KIND_NUMBER_MAX) return json_malformed(p, "no such command");
    kind = kind_with_members(t, object, kind);
    command_clear(out, kind);
    int result = fields_memory(t, object, &tables[kind], out, p);
    if (result == 0) result = object_read(t, object, path, line, out, p);
    if (result != 0) json_command_free(out);
    return result;
}

int json_command_parse(enum command_kind kind, const char *text, size_t len_bytes, const struct json_path *path,
                       struct json_command *out, struct problem *p)
{
    struct json_tree tree;
    memset(out, 0, sizeof *out);
    int result = json_tree_read(&tree, text, len_bytes, p);
    if (result == 0) result = json_command_read(&tree, &tree.nodes[0], kind, 0, path, out, p);
    json_tree_free(&tree);
    return result;
}

void json_command_free(struct json_command *j)
{
    free(j->memory);
    memset(j, 0, sizeof *j);
}

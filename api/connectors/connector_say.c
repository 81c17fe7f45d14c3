/* api/connectors/connector_say.c - from what a broker said to commands, and what their answers mean here.
 * What must stay true: the cursor's number of executions counts only what our books took or refused for good; it never passes one that
 * was refused because a table was full. Texts of a command live in its `say` until the answer. */
#include <assert.h>
#include <string.h>

#include "api/connectors/connector_parts.h"
#include "core/rejects.h"

static struct text text_of(const char *s)
{
    return (struct text){.bytes = s, .len_bytes = (uint32_t)strlen(s)};
}

static void text_keep(char *room, size_t room_bytes, const char *s)
{
    size_t len = s == NULL ? 0 : strnlen(s, room_bytes - 1);
    if (len > 0) memcpy(room, s, len);
    room[len] = '\0';
}

static struct say *say_begin(struct connector *c, enum say_purpose purpose, enum command_kind kind, uint64_t order_id,
                             struct command **command, int64_t now_ns)
{
    if (c->says_count == SAYS_MAX) say_flush(c, now_ns);
    struct say *s = &c->says[c->says_count];
    *s = (struct say){.order_id = order_id, .purpose = (uint8_t)purpose};
    *command = &c->commands[c->says_count++];
    **command = (struct command){.kind = (uint8_t)kind, .origin.actor = c->o.venue};
    return s;
}

void say_report(struct connector *c, uint64_t order_id, enum report report, enum say_purpose purpose,
                const char *ext_order_id, const char *reason, int64_t now_ns)
{
    struct command *command;
    struct say *s = say_begin(c, purpose, COMMAND_REPORT, order_id, &command, now_ns);
    text_keep(s->ext_order_id, sizeof s->ext_order_id, ext_order_id);
    text_keep(s->reason, sizeof s->reason, reason);
    command->report = (struct command_report){.order_id = order_id,
                                              .venue = c->o.venue,
                                              .ext_order_id = text_of(s->ext_order_id),
                                              .reason = text_of(s->reason),
                                              .report = (uint8_t)report};
}

void say_execution(struct connector *c, const struct broker_execution *x, int64_t now_ns)
{
    struct command *command;
    struct say *s = say_begin(c, SAY_EXECUTION, COMMAND_FILL, x->order_id, &command, now_ns);
    s->number = x->number;
    text_keep(s->exec_id, sizeof s->exec_id, x->exec_id);
    text_keep(s->ref_exec_id, sizeof s->ref_exec_id, x->ref_exec_id);
    s->row = (struct fill_row){.order_id = x->order_id,
                               .price = x->price,
                               .quantity = x->quantity,
                               .exec_id = text_of(s->exec_id),
                               .ref_exec_id = text_of(s->ref_exec_id),
                               .kind = x->kind};
    command->fill = (struct command_fill){.venue = c->o.venue, .fills = &s->row, .fills_count = 1};
    c->cursor.executions = x->number;
}

void say_venue(struct connector *c, enum venue_state state, int64_t now_ns)
{
    struct command *command;
    (void)say_begin(c, SAY_VENUE, COMMAND_SET_VENUE, 0, &command, now_ns);
    command->set_venue =
        (struct command_set_venue){.venue = c->o.venue, .state = (uint8_t)state, .cause = VENUE_CAUSE_BREAKER};
}

/* A refusal that another time would not meet. */
static bool refused_for_now(uint16_t reason)
{
    return reason >= REJECT_ORDERS_FULL; /* 9xxx: a limit, or work that has not finished */
}

/* The order has what was said already, or has gone on: nothing is lost. */
static bool refused_as_known(uint16_t reason)
{
    return reason == REJECT_REPORT_REPEATED || reason == REJECT_EXEC_ID_REPEATED || reason == REJECT_ORDER_NOT_OPEN ||
           reason == REJECT_REPORT_NOT_EXPECTED || reason == REJECT_VENUE_DIFFERS;
}

/* A bust has no exec_id of its own: said again, what it undoes is undone already. (What it undoes was said before it.) */
static bool execution_known(const struct say *s, uint16_t reason)
{
    return reason == REJECT_EXEC_ID_REPEATED || (s->row.kind == FILL_BUST && reason == REJECT_EXEC_ID_UNKNOWN);
}

static void execution_answered(struct connector *c, const struct say *s, uint16_t reason, int64_t now_ns)
{
    if (reason == 0 || execution_known(s, reason)) return;
    if (s->number > c->cursor.executions) return; /* behind one that is taken again: it comes again too */
    if (!refused_for_now(reason)) {
        c->refused++;
        return;
    }
    /* It is taken again, and all that came after it, which our books then know. */
    c->cursor.executions = s->number - 1;
    c->list_due_ns = now_ns + c->o.list_ns;
}

static void given_back(struct connector *c, struct tracked *t, const struct say *s, uint16_t reason, int64_t now_ns)
{
    if (reason == REJECT_REPORT_NOT_EXPECTED)
        /* In the meantime a cancel was asked for, or an operator filled a part: what is left of it ends. */
        say_report(c, s->order_id, REPORT_CANCELLED, SAY_END, NULL, s->reason, now_ns);
    else if (t != NULL && refused_for_now(reason))
        order_retry(c, t, now_ns);
    else if (t != NULL)
        order_forget(c, t);
}

static void ended(struct connector *c, struct tracked *t, uint16_t reason, int64_t now_ns)
{
    if (t == NULL) return;
    if (refused_for_now(reason))
        order_retry(c, t, now_ns);
    else
        order_forget(c, t);
}

static void answered(struct connector *c, const struct say *s, uint16_t reason, int64_t now_ns)
{
    struct tracked *t = s->order_id == 0 ? NULL : order_of(c, s->order_id);
    switch (s->purpose) {
    case SAY_EXECUTION: execution_answered(c, s, reason, now_ns); return;
    case SAY_GIVE_BACK: given_back(c, t, s, reason, now_ns); return;
    case SAY_END: ended(c, t, reason, now_ns); return;
    case SAY_VENUE:
        if (reason != 0) c->down_said = c->up_said = false;
        return;
    default: break;
    }
    if (reason != 0 && refused_for_now(reason) && t != NULL)
        order_move(c, t, LIST_RETRY, now_ns);
    else if (reason != 0 && !refused_as_known(reason))
        c->refused++;
}

void say_flush(struct connector *c, int64_t now_ns)
{
    while (c->says_count > 0 && c->error == 0) {
        uint32_t count = c->says_count;
        memset(c->reasons, 0, sizeof c->reasons);
        c->error = c->o.doors.submit(c->o.doors.engine, c->commands, count, c->reasons);
        c->says_count = 0;
        if (c->error != 0) return;
        /* What an answer makes us say is said in the next round: at most one END for each GIVE_BACK. */
        memcpy(c->said, c->says, count * sizeof c->said[0]);
        for (uint32_t i = 0; i < count; i++) answered(c, &c->said[i], c->reasons[i], now_ns);
    }
    c->says_count = 0;
}

static bool cursors_equal(const struct connector_cursor *a, const struct connector_cursor *b)
{
    return a->seq == b->seq && a->index == b->index && a->executions == b->executions;
}

void cursor_keep(struct connector *c, int64_t now_ns)
{
    say_flush(c, now_ns);
    if (c->error != 0 || cursors_equal(&c->cursor, &c->saved)) return;
    c->error = c->o.doors.cursor_save(c->o.doors.store, &c->cursor);
    if (c->error == 0) c->saved = c->cursor;
}

/* api/connectors/broker_sim.c - the line to the simulated broker: requests and answers on their way, and what goes wrong with them.
 * What must stay true: what is on its way is in one heap by time, and nothing else is: after the same calls at the same times it is
 * the same. Answers leave only when the log has what they say. */
#include "api/connectors/broker_sim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/connectors/broker_sim_parts.h"
#include "core/error.h"

#define MS_NS ((int64_t)1000000)

const char *broker_fault_text(int fault)
{
    static const char *const texts[] = {
#define X(name, text) text,
        BROKER_FAULTS(X)
#undef X
    };
    return fault >= 0 && fault < FAULTS_COUNT ? texts[fault] : "?";
}

void broker_sim_options_default(struct broker_sim_options *o)
{
    *o = (struct broker_sim_options){.storage = storage_posix(),
                                     .style = BROKER_STYLE_NUMBERS,
                                     .seed = 1,
                                     .latency_ns = MS_NS,
                                     .late_ns_max = 4000 * MS_NS,
                                     .orders_max = 67108864};
}

/* splitmix64 */
static uint64_t random_next(struct broker_sim *s)
{
    uint64_t z = s->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t sim_random_below(struct broker_sim *s, uint64_t bound)
{
    return bound == 0 ? 0 : random_next(s) % bound;
}

bool sim_happens(struct broker_sim *s, enum broker_fault fault)
{
    uint8_t percent = s->o.faults_percent[fault];
    if (percent == 0 || sim_random_below(s, 100) >= percent) return false;
    s->counts.faults[fault]++;
    return true;
}

/* ---- What is on its way. ---- */

static bool is_before(const struct due *a, const struct due *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->number < b->number;
}

static void heap_push(struct broker_sim *s, struct due d)
{
    uint32_t at = s->heap_count++;
    while (at > 0 && is_before(&d, &s->heap[(at - 1) / 2])) {
        s->heap[at] = s->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    s->heap[at] = d;
}

static struct due heap_pop(struct broker_sim *s)
{
    struct due top = s->heap[0], last = s->heap[--s->heap_count];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= s->heap_count) break;
        if (child + 1 < s->heap_count && is_before(&s->heap[child + 1], &s->heap[child])) child++;
        if (!is_before(&s->heap[child], &last)) break;
        s->heap[at] = s->heap[child];
        at = child;
    }
    if (s->heap_count > 0) s->heap[at] = last;
    return top;
}

static uint32_t message_new(struct broker_sim *s)
{
    uint32_t index = s->messages_free;
    if (index != NONE_INDEX) {
        s->messages_free = s->messages[index].next_free;
        return index;
    }
    struct message *grown = sim_grown(s->messages, s->messages_count, &s->messages_room, sizeof *grown);
    if (grown == NULL) return NONE_INDEX;
    s->messages = grown;
    return s->messages_count++;
}

static void message_free(struct broker_sim *s, uint32_t index)
{
    s->messages[index].next_free = s->messages_free;
    s->messages_free = index;
}

struct message *sim_later(struct broker_sim *s, enum message_what what, int64_t due_ns)
{
    struct due *heap = sim_grown(s->heap, s->heap_count, &s->heap_room, sizeof *heap);
    uint32_t index = heap == NULL ? NONE_INDEX : message_new(s);
    if (heap != NULL) s->heap = heap;
    if (index == NONE_INDEX) {
        s->error = ERR_NO_MEMORY;
        return NULL;
    }
    heap_push(s, (struct due){.due_ns = due_ns, .number = ++s->heap_number, .message = index});
    s->messages[index].what = (uint8_t)what;
    return &s->messages[index];
}

/* What was on its way is lost; what the broker was going to do it does. */
static void drop_line(struct broker_sim *s)
{
    uint32_t kept = 0, count = s->heap_count;
    s->heap_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct due d = s->heap[i];
        if (s->messages[d.message].what != MESSAGE_ACTION)
            message_free(s, d.message);
        else
            s->heap[kept++] = d;
    }
    struct due *kept_dues = s->heap;
    for (uint32_t i = 0; i < kept; i++) heap_push(s, kept_dues[i]);
    s->connected = false;
}

static int64_t way_ns(struct broker_sim *s, enum broker_fault late)
{
    int64_t extra = sim_happens(s, late) ? (int64_t)sim_random_below(s, (uint64_t)s->o.late_ns_max + 1) : 0;
    return s->o.latency_ns + extra;
}

void sim_tell(struct broker_sim *s, const struct broker_answer *a, int64_t now_ns)
{
    if (!s->connected || sim_happens(s, FAULT_ANSWER_LOST)) return;
    int copies = sim_happens(s, FAULT_ANSWER_TWICE) ? 2 : 1;
    for (int i = 0; i < copies; i++) {
        struct message *m = sim_later(s, MESSAGE_ANSWER, now_ns + way_ns(s, FAULT_ANSWER_LATE));
        if (m == NULL) return;
        m->answer = *a;
        if (sim_happens(s, FAULT_ANSWER_UNREADABLE))
            m->answer =
                (struct broker_answer){.kind = ANSWER_UNREADABLE, .request = a->request, .order_id = a->order_id};
    }
}

/* ---- The door. ---- */

/* Once a second the line may go. */
static void lose_line(struct broker_sim *s, int64_t now_ns)
{
    int64_t second = now_ns / (1000 * MS_NS);
    if (second == s->line_second) return;
    s->line_second = second;
    if (!s->connected || !sim_happens(s, FAULT_DISCONNECT)) return;
    drop_line(s);
    s->say_disconnected = true;
}

static int ask(struct broker_sim *s, const struct sim_request *r, int64_t now_ns)
{
    lose_line(s, now_ns);
    if (!s->connected) return ERR_IO;
    if (sim_happens(s, FAULT_REQUEST_LOST)) return 0;
    struct message *m = sim_later(s, MESSAGE_REQUEST, now_ns + way_ns(s, FAULT_REQUEST_LATE));
    if (m == NULL) return ERR_IO;
    m->request = *r;
    m->request.server_error = sim_happens(s, FAULT_SERVER_ERROR);
    return 0;
}

static int door_connect(void *ctx, int64_t now_ns)
{
    struct broker_sim *s = ctx;
    (void)now_ns;
    if (s->connected) drop_line(s); /* another one in its place */
    s->say_disconnected = false;
    s->connected = true;
    return 0;
}

static int door_send(void *ctx, uint64_t request, const struct broker_order *o, int64_t now_ns)
{
    struct sim_request r = {.kind = REQUEST_SEND, .request = request, .order_id = o->order_id, .order = *o};
    return ask(ctx, &r, now_ns);
}

static int door_cancel(void *ctx, uint64_t request, uint64_t order_id, int64_t now_ns)
{
    struct sim_request r = {.kind = REQUEST_CANCEL, .request = request, .order_id = order_id};
    return ask(ctx, &r, now_ns);
}

static int door_replace(void *ctx, uint64_t request, const struct broker_replace *replace, int64_t now_ns)
{
    struct sim_request r = {
        .kind = REQUEST_REPLACE, .request = request, .order_id = replace->order_id, .replace = *replace};
    return ask(ctx, &r, now_ns);
}

static int door_query(void *ctx, uint64_t request, uint64_t order_id, int64_t now_ns)
{
    struct sim_request r = {.kind = REQUEST_QUERY, .request = request, .order_id = order_id};
    return ask(ctx, &r, now_ns);
}

static int door_list(void *ctx, uint64_t request, uint64_t after_number, int64_t now_ns)
{
    struct sim_request r = {.kind = REQUEST_LIST, .request = request, .after_number = after_number};
    return ask(ctx, &r, now_ns);
}

static int door_poll(void *ctx, struct broker_answer *out, int64_t now_ns)
{
    struct broker_sim *s = ctx;
    lose_line(s, now_ns);
    if (s->say_disconnected) {
        s->say_disconnected = false;
        *out = (struct broker_answer){.kind = ANSWER_DISCONNECTED};
        return 1;
    }
    while (s->error == 0 && s->heap_count > 0 && s->heap[0].due_ns <= now_ns) {
        uint32_t index = heap_pop(s).message;
        struct message m = s->messages[index];
        message_free(s, index);
        if (m.what == MESSAGE_REQUEST)
            sim_do_request(s, &m.request, now_ns);
        else if (m.what == MESSAGE_ACTION)
            sim_do_action(s, &m.action, now_ns);
        else if (sim_log_flush(s) == 0) {
            *out = m.answer;
            return 1;
        }
    }
    (void)sim_log_flush(s);
    return s->error;
}

static int64_t door_next_ns(void *ctx)
{
    const struct broker_sim *s = ctx;
    if (s->say_disconnected) return 0;
    return s->heap_count == 0 ? INT64_MAX : s->heap[0].due_ns;
}

static void door_quote(void *ctx, const struct event_quoted *q, int64_t now_ns)
{
    struct broker_sim *s = ctx;
    sim_do_quote(s, q, now_ns);
    (void)sim_log_flush(s);
}

static int door_fill_by_hand(void *ctx, uint64_t order_id, uint64_t seq, uint32_t index, int64_t price,
                             int64_t quantity)
{
    struct broker_sim *s = ctx;
    int failed = sim_execute_by_hand(s, order_id, seq, index, price, quantity);
    return failed != 0 ? failed : sim_log_flush(s);
}

struct broker broker_sim_door(struct broker_sim *s)
{
    return (struct broker){.ctx = s,
                           .connect = door_connect,
                           .send = door_send,
                           .cancel = door_cancel,
                           .replace = door_replace,
                           .query = door_query,
                           .list = door_list,
                           .poll = door_poll,
                           .next_ns = door_next_ns,
                           .quote = door_quote,
                           .fill_by_hand = door_fill_by_hand};
}

void broker_sim_set_faults(struct broker_sim *s, const uint8_t *faults_percent)
{
    memcpy(s->o.faults_percent, faults_percent, sizeof s->o.faults_percent);
}

struct broker_sim_counts broker_sim_counts(const struct broker_sim *s)
{
    return s->counts;
}

int broker_sim_open(const struct broker_sim_options *o, struct broker_sim **out, uint64_t *torn_bytes)
{
    struct broker_sim *s = calloc(1, sizeof *s);
    if (s == NULL) return ERR_NO_MEMORY;
    s->o = *o;
    s->messages_free = NONE_INDEX;
    int failed = sim_log_open(s, torn_bytes);
    if (failed != 0) {
        broker_sim_close(s);
        return failed;
    }
    s->random = o->seed ^ s->log.size_bytes << 20; /* another life, other luck; still the same for the same history */
    *out = s;
    return 0;
}

void broker_sim_close(struct broker_sim *s)
{
    if (s->log.file != NULL) s->o.storage->close(s->o.storage->ctx, s->log.file);
    free(s->orders);
    free(s->buckets);
    free(s->executions);
    free(s->by_hand);
    free(s->symbols);
    free(s->messages);
    free(s->heap);
    free(s);
}

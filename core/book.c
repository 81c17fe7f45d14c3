/* core/book.c - the B+tree of price levels, and the queues in them.
 *
 *   side_tree.root -> inner [sep|child ...] -> ... -> leaf [key|level ...] <-> leaf <-> leaf
 *                                                     ^ first_leaf: its first entry is the best level
 *
 * What must stay true: keys ascend from best to worst within and across leaves; an inner node's separator i (i > 0) is above
 * every key of child i - 1 and not above any of child i; separator 0 is never compared. Two neighbours under one parent never
 * hold MERGE_MAX entries or fewer together (else they are merged), so a tree of n levels has at most n nodes and the node pool cannot run out
 * before the level pool. A tree never holds an empty node. */
#include "core/book.h"

enum { MERGE_MAX = NODE_KEYS * 3 / 4, DEPTH_MAX = 16 };

struct path {
    uint32_t node[DEPTH_MAX], at[DEPTH_MAX];
    uint32_t depth; /* node[depth - 1] is the leaf */
};

/* The last child whose separator is not above key. */
static uint32_t inner_place(const struct node *n, int64_t key)
{
    uint32_t at = 1;
    while (at < n->count && n->keys[at] <= key) at++;
    return at - 1;
}
/* The first entry whose key is not below key. */
static uint32_t leaf_place(const struct node *n, int64_t key)
{
    uint32_t at = 0;
    while (at < n->count && n->keys[at] < key) at++;
    return at;
}

static const struct node *leaf_for(const struct engine *e, const struct side_tree *t, int64_t key)
{
    const struct node *n = node_at(e, t->root);
    while (!n->leaf) n = node_at(e, n->children[inner_place(n, key)]);
    return n;
}

uint32_t book_level_find(const struct engine *e, const struct side_tree *t, int side, int64_t price)
{
    if (t->levels == 0) return 0;
    int64_t key = book_key(side, price);
    const struct node *first = node_at(e, t->first_leaf);
    const struct node *n = key <= first->keys[first->count - 1] ? first : leaf_for(e, t, key);
    uint32_t at = leaf_place(n, key);
    return at < n->count && n->keys[at] == key ? n->children[at] : 0;
}

uint32_t book_level_after(const struct engine *e, const struct side_tree *t, int side, int64_t price)
{
    if (t->levels == 0) return 0;
    int64_t key = book_key(side, price);
    const struct node *n = leaf_for(e, t, key);
    uint32_t at = leaf_place(n, key);
    if (at < n->count && n->keys[at] == key) at++;
    if (at < n->count) return n->children[at];
    return n->next == 0 ? 0 : node_at(e, n->next)->children[0];
}

uint32_t book_root_child(const struct engine *e, const struct side_tree *t, int side, int64_t price)
{
    const struct node *root = node_at(e, t->root);
    return t->levels == 0 || root->leaf ? 0 : root->children[inner_place(root, book_key(side, price))];
}

static uint32_t node_make(struct engine *e, bool leaf)
{
    uint32_t index = pool_take(e, &e->nodes);
    struct node *n = node_at(e, index);
    n->key = 1;
    n->count = 0;
    n->leaf = leaf;
    n->prev = n->next = 0;
    return index;
}

static void path_to(const struct engine *e, const struct side_tree *t, int64_t key, struct path *p)
{
    uint32_t index = t->root;
    p->depth = 0;
    for (;;) {
        assert(p->depth < DEPTH_MAX);
        const struct node *n = node_at(e, index);
        p->node[p->depth] = index;
        p->at[p->depth] = n->leaf ? leaf_place(n, key) : inner_place(n, key);
        if (n->leaf) {
            p->depth++;
            return;
        }
        index = n->children[p->at[p->depth++]];
    }
}

static void entry_insert(struct node *n, uint32_t at, int64_t key, uint32_t child)
{
    assert(n->count < NODE_KEYS && at <= n->count);
    memmove(&n->keys[at + 1], &n->keys[at], (n->count - at) * sizeof n->keys[0]);
    memmove(&n->children[at + 1], &n->children[at], (n->count - at) * sizeof n->children[0]);
    n->keys[at] = key;
    n->children[at] = child;
    n->count++;
}
static void entry_remove(struct node *n, uint32_t at)
{
    assert(at < n->count);
    n->count--;
    memmove(&n->keys[at], &n->keys[at + 1], (n->count - at) * sizeof n->keys[0]);
    memmove(&n->children[at], &n->children[at + 1], (n->count - at) * sizeof n->children[0]);
}

/* Moves the upper half of a full node into a new one to its right; returns the new one. */
static uint32_t node_split(struct engine *e, uint32_t left_index)
{
    uint32_t right_index = node_make(e, node_at(e, left_index)->leaf != 0);
    struct node *left = node_at(e, left_index), *right = node_at(e, right_index);
    uint16_t keep = NODE_KEYS / 2;
    right->count = (uint16_t)(left->count - keep);
    memcpy(right->keys, &left->keys[keep], right->count * sizeof left->keys[0]);
    memcpy(right->children, &left->children[keep], right->count * sizeof left->children[0]);
    left->count = keep;
    if (left->leaf) {
        right->prev = left_index;
        right->next = left->next;
        if (right->next != 0) node_at(e, right->next)->prev = right_index;
        left->next = right_index;
    }
    return right_index;
}

/* Inserts (key, child) into the node at path position d, splitting upwards as needed. */
static void path_insert(struct engine *e, struct side_tree *t, struct path *p, uint32_t d, int64_t key, uint32_t child)
{
    uint32_t at = p->at[d];
    struct node *n = node_at(e, p->node[d]);
    if (n->count < NODE_KEYS) {
        entry_insert(n, at, key, child);
        return;
    }
    uint32_t right = node_split(e, p->node[d]);
    struct node *r = node_at(e, right);
    if (at <= n->count)
        entry_insert(n, at, key, child);
    else
        entry_insert(r, at - n->count, key, child);
    int64_t separator = r->keys[0];
    if (d > 0) {
        p->at[d - 1]++;
        path_insert(e, t, p, d - 1, separator, right);
        return;
    }
    uint32_t root = node_make(e, false);
    struct node *top = node_at(e, root);
    entry_insert(top, 0, n->keys[0], p->node[0]);
    entry_insert(top, 1, separator, right);
    t->root = root;
}

static void tree_insert(struct engine *e, struct side_tree *t, int64_t key, uint32_t level)
{
    if (t->levels++ == 0) {
        t->root = t->first_leaf = node_make(e, true);
        entry_insert(node_at(e, t->root), 0, key, level);
        return;
    }
    struct path p;
    path_to(e, t, key, &p);
    path_insert(e, t, &p, p.depth - 1, key, level);
}

static void leaf_unlink(struct engine *e, struct side_tree *t, const struct node *leaf)
{
    if (leaf->prev != 0) node_at(e, leaf->prev)->next = leaf->next;
    if (leaf->next != 0) node_at(e, leaf->next)->prev = leaf->prev;
    if (leaf->prev == 0) t->first_leaf = leaf->next;
}

/* Moves all of the right neighbour's entries into the left one and drops the right one from their parent. */
static void node_merge(struct engine *e, struct side_tree *t, struct node *parent, uint32_t left_at)
{
    struct node *left = node_at(e, parent->children[left_at]);
    uint32_t right_index = parent->children[left_at + 1];
    struct node *right = node_at(e, right_index);
    if (!right->leaf) right->keys[0] = parent->keys[left_at + 1]; /* its own separator 0 may be stale */
    memcpy(&left->keys[left->count], right->keys, right->count * sizeof right->keys[0]);
    memcpy(&left->children[left->count], right->children, right->count * sizeof right->children[0]);
    left->count = (uint16_t)(left->count + right->count);
    if (right->leaf) leaf_unlink(e, t, right);
    pool_give(e, &e->nodes, right_index);
    entry_remove(parent, left_at + 1);
}

static void tree_remove(struct engine *e, struct side_tree *t, int64_t key)
{
    struct path p;
    path_to(e, t, key, &p);
    t->levels--;
    uint32_t d = p.depth - 1;
    assert(node_at(e, p.node[d])->keys[p.at[d]] == key);
    entry_remove(node_at(e, p.node[d]), p.at[d]);
    for (; d > 0; d--) {
        struct node *n = node_at(e, p.node[d]), *parent = node_at(e, p.node[d - 1]);
        uint32_t at = p.at[d - 1];
        if (n->count == 0) {
            if (n->leaf) leaf_unlink(e, t, n);
            pool_give(e, &e->nodes, p.node[d]);
            entry_remove(parent, at);
        } else if (at + 1 < parent->count && n->count + node_at(e, parent->children[at + 1])->count <= MERGE_MAX) {
            node_merge(e, t, parent, at);
        } else if (at > 0 && n->count + node_at(e, parent->children[at - 1])->count <= MERGE_MAX) {
            node_merge(e, t, parent, at - 1);
        } else {
            return;
        }
    }
    for (struct node *root = node_at(e, t->root); t->levels != 0 && !root->leaf && root->count == 1;
         root = node_at(e, t->root)) {
        uint32_t only = root->children[0];
        pool_give(e, &e->nodes, t->root);
        t->root = only;
    }
    if (t->levels == 0) {
        pool_give(e, &e->nodes, t->root);
        t->root = t->first_leaf = 0;
    }
}

static uint8_t waits_flag(int tree)
{
    return tree == TREE_TRIGGER ? WAITS_TRIGGER : tree == TREE_ALL_OR_NONE ? WAITS_ALL_OR_NONE : 0;
}

static uint32_t level_make(struct engine *e, struct instrument *i, int tree, int side, int64_t price)
{
    uint32_t index = pool_take(e, &e->levels);
    *level_at(e, index) = (struct level){
        .price = price, .instrument = instrument_index(e, i), .side = (uint8_t)side, .tree = (uint8_t)tree};
    tree_insert(e, queue_side(i, tree, side), book_key(side, price), index);
    i->waits |= waits_flag(tree);
    return index;
}

static void level_drop(struct engine *e, struct instrument *i, uint32_t index)
{
    struct level *l = level_at(e, index);
    int tree = l->tree, side = l->side;
    tree_remove(e, queue_side(i, tree, side), book_key(side, l->price));
    pool_give(e, &e->levels, index);
    if (tree != TREE_BOOK && queue_side(i, tree, SIDE_BUY)->levels + queue_side(i, tree, SIDE_SELL)->levels == 0)
        i->waits &= (uint8_t)~waits_flag(tree);
}

/* Links an order behind `before`; 0: as the first. */
static void level_link(struct engine *e, struct level *l, uint32_t o, uint32_t before)
{
    struct order *order = order_at(e, o);
    order->prev = before;
    order->next = before == 0 ? l->first : order_at(e, before)->next;
    if (before != 0)
        order_at(e, before)->next = o;
    else
        l->first = o;
    if (order->next != 0)
        order_at(e, order->next)->prev = o;
    else
        l->last = o;
}
static void level_unlink(struct engine *e, struct level *l, const struct order *order)
{
    if (order->prev != 0)
        order_at(e, order->prev)->next = order->next;
    else
        l->first = order->next;
    if (order->next != 0)
        order_at(e, order->next)->prev = order->prev;
    else
        l->last = order->prev;
}

static int64_t hidden_of(const struct engine *e, const struct order *o)
{
    const struct order_extra *x = order_extra_at(e, o->extra);
    return x->display_quantity == 0 ? 0 : o->leaves - x->shown;
}

static inline void queue_add(struct engine *e, struct instrument *i, uint32_t o, int tree, int side, int64_t price)
{
    struct order *order = order_at(e, o);
    uint32_t index = book_level_find(e, queue_side(i, tree, side), side, price);
    if (index == 0) index = level_make(e, i, tree, side, price);
    struct level *l = level_at(e, index);
    order->level = index;
#ifdef ORDERTAPE_TEST_LIFO /* a wrong engine, to test the tests with */
    level_link(e, l, o, tree == TREE_BOOK ? 0 : l->last);
#else
    uint32_t before = l->last;
    if (tree != TREE_BOOK && l->first != 0 && order_at(e, l->first)->priority > order->priority)
        before = 0; /* the head is back, as from a quote that was too small for it */
    else if (tree != TREE_BOOK)
        while (before != 0 && order_at(e, before)->priority > order->priority) before = order_at(e, before)->prev;
    level_link(e, l, o, before);
#endif
    l->orders++;
    l->quantity += order->leaves;
    if (UNLIKELY(order->extra != 0) && tree == TREE_BOOK) l->hidden += hidden_of(e, order);
}

void queue_join(struct engine *e, struct instrument *i, uint32_t o, int tree, int side, int64_t price)
{
    queue_add(e, i, o, tree, side, price);
}

void book_join(struct engine *e, struct instrument *i, uint32_t o)
{
    const struct order *order = order_at(e, o);
    queue_add(e, i, o, TREE_BOOK, order->side, order->price);
}

void book_leave(struct engine *e, struct instrument *i, uint32_t o)
{
    struct order *order = order_at(e, o);
    struct level *l = level_at(e, order->level);
    level_unlink(e, l, order);
    l->quantity -= order->leaves;
    if (UNLIKELY(order->extra != 0) && l->tree == TREE_BOOK) l->hidden -= hidden_of(e, order);
    if (--l->orders == 0) level_drop(e, i, order->level);
    order->level = 0;
}

void book_level_end(struct engine *e, uint32_t o)
{
    struct order *order = order_at(e, o);
    struct level *l = level_at(e, order->level);
    if (l->last == o) return;
    level_unlink(e, l, order);
    level_link(e, l, o, l->last);
}

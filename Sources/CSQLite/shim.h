#include <sqlite3.h>

// Swift does not import C functions with variable arguments: the two that are needed, with their arguments fixed.
static inline int decree_sqlite3_db_config(sqlite3 *database, int option, int value) {
    return sqlite3_db_config(database, option, value, (int *)0);
}

static inline int decree_sqlite3_seed_randomness(int seed) {
    return sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, (sqlite3 *)0);
}

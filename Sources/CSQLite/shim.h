#include <sqlite3.h>

// Swift does not import C functions with variable arguments: the one that is needed, with its arguments fixed.
static inline int decree_sqlite3_db_config(sqlite3 *database, int option, int value) {
    return sqlite3_db_config(database, option, value, (int *)0);
}

/* Three ways to keep a log's table short, measured in SQLite as the ledger uses it (docs/adr/0009): rows deleted along with commits,
 * segments that are tables and are dropped, and places used again.
 *
 *     cc -O2 -o /tmp/log_compaction Benchmarks/log_compaction.c -lsqlite3
 *     /tmp/log_compaction DIRECTORY [PAYLOAD-BYTES [ROUNDS]]       PAYLOAD-BYTES 0: each row of another size, 16 to 1,008
 *
 * Each commit inserts 32 or 256 rows and changes a row of its own, as the acceptor's; 65,536 rows stay. synchronous=FULL, 4 KiB pages,
 * incremental auto-vacuum, a passive checkpoint once 1,000 frames are in the write-ahead log, after the commit and outside of its time.
 * A round measures every way, one after the other, each on a new file, once its log has gone round twice; printed are medians of the rounds. */

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TAIL = 65536, SEGMENT = 16384, STEP = 256, STEP_MAX = 1024, FRAMES = 1000, ROUNDS_MAX = 25, PLACES = TAIL + 2 * STEP_MAX };
enum way { RANGE_DELETE, SEGMENTS, REUSE, WAYS };
enum figure { P50, P99, LONGEST, CHECKPOINTS, BYTES, CPU, MEGABYTES, FIGURES };

static const char *way_names[WAYS] = {"range delete", "segments", "reuse"};
static sqlite3 *db;
static int frames_in_log;
static int payload_bytes;
static unsigned char payload[1024];

static void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    exit(1);
}

static void execute(const char *sql) { check(sqlite3_exec(db, sql, 0, 0, 0)); }

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, 0));
    return statement;
}

static void run(sqlite3_stmt *statement) {
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
}

static int count_frames(void *context, sqlite3 *database, const char *name, int frames) {
    (void)context, (void)database, (void)name;
    frames_in_log = frames;
    return SQLITE_OK;
}

static double now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

/* What the process has handed to write() and the like. */
static uint64_t bytes_written(void) {
    char line[128];
    uint64_t bytes = 0;
    FILE *file = fopen("/proc/self/io", "r");
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "wchar: %lu", &bytes) == 1) break;
    fclose(file);
    return bytes;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static sqlite3_stmt *new_segment(uint64_t number) {
    char sql[256];
    snprintf(sql, sizeof sql, "CREATE TABLE log_%lu (slot INTEGER PRIMARY KEY, ballot_round INTEGER, ballot_node INTEGER, "
        "stamp INTEGER, kind INTEGER, payload BLOB, checksum INTEGER)", number);
    execute(sql);
    snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO log_%lu VALUES (?1, 1, 1, ?2, 1, ?3, ?4)", number);
    return prepare(sql);
}

static void measure(const char *path, enum way way, int rows, double *figures) {
    char sql[256];
    unlink(path);
    check(sqlite3_open(path, &db));
    execute("PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA cache_size = -4096; CREATE TABLE acceptor (id INTEGER PRIMARY KEY, chosen INTEGER, compacted INTEGER, checksum INTEGER);"
        "INSERT INTO acceptor VALUES (1, 0, 0, 0);"
        "CREATE TABLE log (slot INTEGER PRIMARY KEY, ballot_round INTEGER, ballot_node INTEGER, stamp INTEGER, kind INTEGER,"
        "payload BLOB, checksum INTEGER);"
        "CREATE TABLE ring (place INTEGER PRIMARY KEY, slot INTEGER, ballot_round INTEGER, ballot_node INTEGER, stamp INTEGER,"
        "kind INTEGER, payload BLOB, checksum INTEGER)");
    sqlite3_wal_hook(db, count_frames, 0);
    frames_in_log = 0;
    sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
    sqlite3_stmt *accept = prepare("UPDATE acceptor SET chosen = ?1, compacted = ?2, checksum = ?3");
    sqlite3_stmt *insert = prepare("INSERT OR REPLACE INTO log VALUES (?1, 1, 1, ?2, 1, ?3, ?4)");
    sqlite3_stmt *place = prepare("INSERT OR REPLACE INTO ring VALUES (?5, ?1, 1, 1, ?2, 1, ?3, ?4)");
    sqlite3_stmt *give_up = prepare("DELETE FROM log WHERE slot <= ?1");
    sqlite3_stmt *write = way == SEGMENTS ? 0 : way == REUSE ? place : insert;

    int warm = 2 * PLACES / rows, count = (rows < 100 ? 192000 : 256000) / rows, checkpoints = 0, due = FRAMES;
    double *times = malloc(sizeof *times * count), checkpointing = 0, cpu = 0;
    uint64_t slot = 0, compacted = 0, written = 0, chance = 1;
    for (int number = -warm; number < count; number++) {
        if (number == 0) written = bytes_written(), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
        double start = now(CLOCK_MONOTONIC);
        run(begin);
        for (int row = 0; row < rows; row++) {
            if (way == SEGMENTS && slot % SEGMENT == 0) {
                if (write) sqlite3_finalize(write);
                write = new_segment(slot / SEGMENT);
            }
            slot++;
            chance = chance * 6364136223846793005u + 1442695040888963407u;
            int size = payload_bytes ? payload_bytes : 16 + (int)(chance >> 40) % 993;
            memcpy(payload, &slot, sizeof slot);
            sqlite3_bind_int64(write, 1, slot);
            sqlite3_bind_int64(write, 2, 1700000000000 + slot);
            sqlite3_bind_blob(write, 3, payload, size, SQLITE_STATIC);
            sqlite3_bind_int64(write, 4, (int64_t)chance);
            if (way == REUSE) sqlite3_bind_int64(write, 5, slot % PLACES);
            run(write);
        }
        uint64_t end = slot > TAIL ? slot - TAIL : 0;
        if (way == RANGE_DELETE && end - compacted >= STEP) {
            uint64_t most = 2 * rows > STEP_MAX ? 2 * rows : STEP_MAX;
            compacted = end - compacted > most ? compacted + most : end;
            sqlite3_bind_int64(give_up, 1, compacted);
            run(give_up);
        } else if (way == SEGMENTS && end - compacted >= SEGMENT) {
            snprintf(sql, sizeof sql, "DROP TABLE log_%lu", compacted / SEGMENT);
            execute(sql);
            compacted += SEGMENT;
        } else if (way == REUSE) {
            compacted = end;
        }
        sqlite3_bind_int64(accept, 1, slot);
        sqlite3_bind_int64(accept, 2, compacted);
        sqlite3_bind_int64(accept, 3, (int64_t)chance);
        run(accept);
        run(commit);
        double done = now(CLOCK_MONOTONIC);
        if (number >= 0) times[number] = done - start;
        if (frames_in_log < due - FRAMES) due = FRAMES;
        if (frames_in_log >= due) {
            int frames, copied;
            check(sqlite3_wal_checkpoint_v2(db, 0, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied));
            due = frames == copied ? FRAMES : frames_in_log + FRAMES;
            if (number >= 0) checkpointing += now(CLOCK_MONOTONIC) - done, checkpoints++;
        }
    }
    figures[BYTES] = (double)(bytes_written() - written) / ((double)count * rows);
    figures[CPU] = (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) / ((double)count * rows);
    figures[CHECKPOINTS] = checkpoints ? checkpointing / count : 0;
    qsort(times, count, sizeof *times, by_size);
    figures[P50] = times[count / 2], figures[P99] = times[count * 99L / 100];
    figures[LONGEST] = times[count - 1];
    free(times);
    sqlite3_stmt *pages = prepare("PRAGMA page_count");
    sqlite3_step(pages);
    figures[MEGABYTES] = sqlite3_column_int(pages, 0) * 4096 / 1e6;
    sqlite3_stmt *statement;
    while ((statement = sqlite3_next_stmt(db, 0))) sqlite3_finalize(statement);
    check(sqlite3_close(db));
}

int main(int count, char **arguments) {
    static double figures[2][WAYS][FIGURES][ROUNDS_MAX];
    if (count < 2) return fprintf(stderr, "usage: log_compaction DIRECTORY [PAYLOAD-BYTES [ROUNDS]]\n"), 64;
    payload_bytes = count > 2 ? atoi(arguments[2]) : 256;
    int rounds = count > 3 ? atoi(arguments[3]) : 5;
    if (payload_bytes < 0 || payload_bytes == 1 || payload_bytes > (int)sizeof payload || rounds < 1 || rounds > ROUNDS_MAX) return 64;
    char path[4096];
    snprintf(path, sizeof path, "%s/log_compaction.sqlite", arguments[1]);
    for (int round = 0; round < rounds; round++)
        for (int size = 0; size < 2; size++)
            for (int way = 0; way < WAYS; way++) {
                double got[FIGURES];
                measure(path, way, size ? 256 : 32, got);
                for (int figure = 0; figure < FIGURES; figure++) figures[size][way][figure][round] = got[figure];
            }
    unlink(path);
    printf("SQLite %s; %d bytes of payload; medians of %d\n", sqlite3_libversion(), payload_bytes, rounds);
    printf("| rows | way | p50 µs | p99 | longest | checkpoints, µs a commit | bytes a row | CPU µs a row | file, MB |\n");
    printf("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (int size = 0; size < 2; size++)
        for (int way = 0; way < WAYS; way++) {
            printf("| %d | %s", size ? 256 : 32, way_names[way]);
            for (int figure = 0; figure < FIGURES; figure++) {
                double *all = figures[size][way][figure];
                qsort(all, rounds, sizeof *all, by_size);
                printf(figure == CPU || figure == MEGABYTES ? " | %.1f" : " | %.0f", all[rounds / 2]);
            }
            printf(" |\n");
        }
    return 0;
}

import CSQLite

/// A prepared statement; finalized when it goes. Parameters count from 1, columns from 0, as in SQLite.
package struct Statement: ~Copyable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        sqlite3_finalize(pointer)
    }

    package borrowing func bind(_ value: Int64, at index: Int32) throws(SQLiteError) {
        try check(sqlite3_bind_int64(pointer, index, value))
    }

    /// As the same 64 bits: SQLite's integers are signed.
    package borrowing func bind(_ value: UInt64, at index: Int32) throws(SQLiteError) {
        try bind(Int64(bitPattern: value), at: index)
    }

    /// A copy is made.
    package borrowing func bind(_ text: String, at index: Int32) throws(SQLiteError) {
        let isTransient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        try check(sqlite3_bind_text(pointer, index, text, -1, isTransient))
    }

    /// Without a copy: the bytes must stay where they are until the statement has been reset.
    package borrowing func bind(_ bytes: UnsafeRawBufferPointer, at index: Int32) throws(SQLiteError) {
        // A null pointer would be bound as NULL, which is not the empty blob.
        guard let start = bytes.baseAddress, bytes.count > 0 else {
            return try check(sqlite3_bind_zeroblob(pointer, index, 0))
        }
        try check(sqlite3_bind_blob64(pointer, index, start, UInt64(bytes.count), nil))
    }

    /// Binds bytes for as long as `body` runs, without a copy; the statement is reset when it returns.
    package borrowing func binding<Result>(
        _ bytes: [UInt8], at index: Int32, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try bytes.span.withUnsafeBytes { (buffer) throws(SQLiteError) in
            defer { reset() }
            try bind(buffer, at: index)
            return try body()
        }
    }

    /// Goes to the next row; false at the end. Reset the statement before it is run again.
    package borrowing func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let error = SQLiteError(code: code, database: sqlite3_db_handle(pointer))
            reset()
            throw error
        }
    }

    /// Runs to the end, and makes ready to run again.
    package borrowing func run() throws(SQLiteError) {
        while try step() {}
        reset()
    }

    /// Runs to the end; the number of rows that were changed.
    package borrowing func runCounting() throws(SQLiteError) -> Int {
        while try step() {}
        return Int(sqlite3_changes64(sqlite3_db_handle(pointer)))
    }

    /// Makes ready to run again, and forgets what was bound.
    package borrowing func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    package borrowing func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(pointer, column) == SQLITE_NULL
    }

    package borrowing func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(pointer, column)
    }

    /// The 64 bits that `bind(_: UInt64)` stored.
    package borrowing func unsigned(_ column: Int32) -> UInt64 {
        UInt64(bitPattern: integer(column))
    }

    /// A number that counts something; nil where it is larger than anything is ever counted, so that adding to it is safe.
    package borrowing func count(_ column: Int32) -> UInt64? {
        let number = unsigned(column)
        return number < 1 << 62 ? number : nil
    }

    package borrowing func text(_ column: Int32) -> String {
        sqlite3_column_text(pointer, column).map { String(cString: $0) } ?? ""
    }

    package borrowing func bytes(_ column: Int32) -> [UInt8] {
        withBytes(column) { [UInt8]($0) }
    }

    /// Without a copy, for as long as `body` runs.
    package borrowing func withBytes<Result, Failure>(
        _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = sqlite3_column_blob(pointer, column)
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
    }

    private borrowing func check(_ code: Int32) throws(SQLiteError) {
        if code != SQLITE_OK { throw SQLiteError(code: code, database: sqlite3_db_handle(pointer)) }
    }
}

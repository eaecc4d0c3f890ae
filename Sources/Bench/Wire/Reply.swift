/// What a server answered.
package enum Reply: Hashable {
    case done
    case integer(Int)
    /// A value, by its place within the bytes that were read.
    case value(Range<Int>)
    case absent
    case failure(Failure)

    package struct Failure: Hashable {
        /// What errors are counted by: `BUSY`, `INDETERMINATE`, …
        package let code: String
        /// It may have happened, or may yet happen.
        package let isIndefinite: Bool

        package init(code: String, isIndefinite: Bool) {
            self.code = code
            self.isIndefinite = isIndefinite
        }
    }
}

/// What came is no reply of the protocol that was spoken.
package struct MalformedReply: Error, Hashable {
    package let start: String

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        start = String(decoding: bytes.prefix(60).prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

/// One of the two things that are asked of a key.
package enum Request: Hashable {
    case set
    case get
}

/// How requests are written and replies read. A case for each protocol, so that the loop calls straight through.
package enum Dialect {
    case redis(RedisDialect)
    case etcd(EtcdDialect)

    /// How many replies a request is answered with.
    func replyCount(_ request: Request) -> Int {
        switch self {
        case .redis(let dialect): request == .set && dialect.waitFor > 0 ? 2 : 1
        case .etcd: 1
        }
    }

    /// What is sent first on each connection, and how many replies it has.
    var greeting: (bytes: [UInt8], replyCount: Int) {
        switch self {
        case .redis(let dialect): dialect.isReadOnly ? (RedisDialect.command(["READONLY"]), 1) : ([], 0)
        case .etcd: ([], 0)
        }
    }

    package func write(_ request: Request, key: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, into queue: inout ByteQueue)
    {
        switch (self, request) {
        case (.redis(let dialect), .set): dialect.writeSet(key, value, into: &queue)
        case (.redis(let dialect), .get): dialect.writeGet(key, into: &queue)
        case (.etcd(let dialect), .set): dialect.writeSet(key, value, into: &queue)
        case (.etcd(let dialect), .get): dialect.writeGet(key, into: &queue)
        }
    }

    /// The first reply and where it ends; nil while it is not whole.
    package func reply(in bytes: UnsafeBufferPointer<UInt8>) throws(MalformedReply) -> (reply: Reply, end: Int)? {
        switch self {
        case .redis(let dialect): try dialect.reply(in: bytes)
        case .etcd(let dialect): try dialect.reply(in: bytes)
        }
    }

    /// A value as it was set.
    package func decoded(_ value: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        switch self {
        case .redis: Array(value)
        case .etcd: Base64.decoded(value) ?? []
        }
    }
}

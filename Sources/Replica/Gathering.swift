/// Collects the answers of several shards and hands them on, in order, once the last one has come.
final class Gathering {
    private var replies: [ServiceReply?]
    private var missing: Int
    private let completion: ([ServiceReply]) -> Void

    init(count: Int, completion: @escaping ([ServiceReply]) -> Void) {
        replies = Array(repeating: nil, count: count)
        missing = count
        self.completion = completion
    }

    func answer(_ place: Int, _ reply: ServiceReply) {
        guard replies[place] == nil else { return }
        replies[place] = reply
        missing -= 1
        if missing == 0 { completion(replies.compactMap { $0 }) }
    }
}

import CLinux

/// Looks at a body through a window, so that a long one is never whole in memory.
struct BodyWindow {
    let content: BodyContent
    /// The bytes in sight, and the place of the first.
    private var bytes: [UInt8] = []
    private var start = 0

    init(_ content: BodyContent) { self.content = content }

    /// So many bytes from a place on, fewer at the body's end.
    mutating func bytes(_ place: Int, _ count: Int) throws(HTTPServerError) -> ArraySlice<UInt8> {
        let end = min(place + count, content.count)
        guard place < end else { return [] }
        if place < start || end > start + bytes.count {
            let reach = min(max(end, place + BodyContent.pieceBytes), content.count)
            bytes = try content.bytes(in: place..<reach)
            start = place
        }
        return bytes[(place - start)..<(end - start)]
    }

    /// The first place of a pattern from a place on.
    mutating func find(_ pattern: [UInt8], from: Int) throws(HTTPServerError) -> Int? {
        var place = from
        while try bytes(place, pattern.count).count == pattern.count {
            if let hit = hit(pattern, from: place - start) { return place + hit }
            place = start + bytes.count - pattern.count + 1
        }
        return nil
    }

    /// Where the pattern is in sight, counted from a place on.
    private func hit(_ pattern: [UInt8], from: Int) -> Int? {
        let hit = bytes[from...].withUnsafeBytes {
            clinux_find($0.baseAddress, UInt64($0.count), pattern, UInt64(pattern.count))
        }
        return hit < 0 ? nil : Int(hit)
    }
}

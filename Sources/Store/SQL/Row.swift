import CSQLite
import Domain
import Foundation

/// The current row of a statement, read by column index in the order of the SELECT.
struct Row {
    let statement: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(statement, column)) }

    func optionalInteger(_ column: Int32) -> Int? { isNull(column) ? nil : integer(column) }

    func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

    func optionalReal(_ column: Int32) -> Double? { isNull(column) ? nil : real(column) }

    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func date(_ column: Int32) -> Date { Date(timeIntervalSince1970: real(column)) }

    func optionalDate(_ column: Int32) -> Date? { isNull(column) ? nil : date(column) }

    /// Fixed-width elements out of a blob; a blob of another width is damage.
    func packed<Element: BitwiseCopyable>(_ column: Int32) throws(HoneError) -> [Element] {
        let count = Int(sqlite3_column_bytes(statement, column))
        let width = MemoryLayout<Element>.stride
        guard count % width == 0 else { throw damaged("blob of \(count) bytes") }
        guard count > 0, let bytes = sqlite3_column_blob(statement, column) else { return [] }
        return [Element](unsafeUninitializedCapacity: count / width) { buffer, initialised in
            UnsafeMutableRawBufferPointer(buffer)
                .copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: count))
            initialised = count / width
        }
    }

    /// One of a fixed set of words.
    func word<Word: RawRepresentable<String>>(_ column: Int32) throws(HoneError) -> Word {
        let text = text(column)
        guard let word = Word(rawValue: text) else { throw damaged("the word \"\(text)\"") }
        return word
    }

    /// A value kept as JSON text.
    func json<Content: Decodable>(_ column: Int32) throws(HoneError) -> Content {
        try StoredJSON.decode(text(column))
    }

    private func damaged(_ what: String) -> HoneError {
        let name = String(cString: sqlite3_column_name(statement, 0))
        return HoneError(.invalidData, "the store holds an unreadable row (\(what) near \(name))")
    }
}

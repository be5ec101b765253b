internal import Domain

/// Reads metadata of a GGUF file with errors that name file and key.
struct GGUFFieldReader {
    let file: GGUFFile

    func failure(_ key: String, _ problem: String) -> HoneError {
        FileFailure.invalid(file.path, "metadata \(key) \(problem)")
    }

    func integer(_ key: String) throws -> Int {
        guard let value = try optionalInteger(key) else { throw failure(key, "is missing") }
        return value
    }

    /// A count; where the file gives one for each layer, they must agree.
    func optionalInteger(_ key: String) throws -> Int? {
        guard let value = file[key] else { return nil }
        if let list = value.arrayValue {
            guard let first = list.first?.integerValue,
                list.allSatisfy({ $0.integerValue == first })
            else {
                throw FileFailure.unsupported(
                    file.path,
                    "\(key) that varies by layer is not supported"
                )
            }
            return first
        }
        guard let number = value.integerValue, number >= 0 else {
            throw failure(key, "is not a whole number")
        }
        return number
    }

    func number(_ key: String) throws -> Double {
        guard let value = try optionalNumber(key) else { throw failure(key, "is missing") }
        return value
    }

    func optionalNumber(_ key: String) throws -> Double? {
        guard let value = file[key] else { return nil }
        guard let number = value.doubleValue else { throw failure(key, "is not a number") }
        return number
    }

    /// A token id; the largest `u32` means none.
    func token(_ key: String) throws -> Int? {
        let token = try optionalInteger(key)
        return token == Int(UInt32.max) ? nil : token
    }

    func string(_ key: String) throws -> String? {
        guard let value = file[key] else { return nil }
        guard let text = value.stringValue else { throw failure(key, "is not a string") }
        return text
    }

    func bool(_ key: String) throws -> Bool? {
        guard let value = file[key] else { return nil }
        guard let flag = value.boolValue else { throw failure(key, "is not a boolean") }
        return flag
    }

    /// A list of one kind of element; empty when the key is absent.
    func list<Element>(_ key: String, _ element: (GGUFValue) -> Element?) throws -> [Element] {
        guard let value = file[key] else { return [] }
        guard let list = value.arrayValue else { throw failure(key, "is not a list") }
        let elements = list.compactMap(element)
        guard elements.count == list.count else {
            throw failure(key, "has elements of a wrong type")
        }
        return elements
    }
}

import Domain

/// A list in a configuration file, no two elements of which may be the same.
enum DistinctList {
    /// Reads the elements; all faults at once.
    ///
    /// - Parameters:
    ///   - checked: The list, or nothing.
    ///   - path: Its place in the file.
    ///   - field: The field that tells elements apart, which a fault names.
    ///   - identity: What that field comes to.
    ///   - make: Reads one element at its place.
    /// - Returns: The elements in their order.
    /// - Throws: The faults of every element, and each that is there twice.
    static func read<Element>(
        _ checked: Value?,
        path: String,
        field: String,
        identity: (Element) -> String,
        _ make: (Value, String) throws(Faults) -> Element
    ) throws(Faults) -> [Element] {
        var faults: [Fault] = []
        var list: [Element] = []
        for (index, value) in (checked?.arrayValue ?? []).enumerated() {
            let place = "\(path)[\(index)]"
            do throws(Faults) {
                let element = try make(value, place)
                if list.contains(where: { identity($0) == identity(element) }) {
                    faults.append(Fault(path: "\(place).\(field)", message: "is there twice"))
                }
                list.append(element)
            } catch {
                faults += error.list
            }
        }
        if !faults.isEmpty { throw Faults(faults) }
        return list
    }
}

import Domain
import Kernels

/// A matrix of doubles: what the references compute in.
struct Matrix {
    let rows: Int
    let columns: Int
    var elements: [Double]

    init(_ rows: Int, _ columns: Int, _ elements: [Double]? = nil) {
        self.rows = rows
        self.columns = columns
        self.elements = elements ?? Array(repeating: 0, count: rows * columns)
    }

    /// Numbers in ±scale that float32 holds exactly, so that kernel and reference get the same input.
    static func random(_ rows: Int, _ columns: Int, seed: UInt64, scale: Float = 1) -> Matrix {
        var random = PhiloxSequence(seed: seed)
        let elements = (0..<rows * columns).map { _ in
            Double(Float.random(in: -scale...scale, using: &random))
        }
        return Matrix(rows, columns, elements)
    }

    subscript(row: Int, column: Int) -> Double {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }

    func row(_ index: Int) -> Matrix {
        Matrix(1, columns, Array(elements[index * columns..<(index + 1) * columns]))
    }

    static func + (left: Matrix, right: Matrix) -> Matrix {
        Matrix(left.rows, left.columns, zip(left.elements, right.elements).map { $0 + $1 })
    }

    /// Σ of products: a loss whose gradient by `self` is `other`.
    func dot(_ other: Matrix) -> Double {
        zip(elements, other.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The elements as a tensor of its own.
    var tensor: Tensor {
        let tensor = Tensor(rows: rows, columns: columns)
        tensor.assign(elements.map { Float($0) })
        return tensor
    }
}

/// A matrix as columns of a wider one, whose other columns no kernel may touch.
struct Strided {
    private static let (left, right, sentinel) = (3, 5, Float(77.25))
    private let whole: Tensor
    let view: Tensor

    init(_ matrix: Matrix) {
        whole = Tensor(rows: matrix.rows, columns: Self.left + matrix.columns + Self.right)
        whole.assign(Array(repeating: Self.sentinel, count: matrix.rows * whole.columns))
        view = whole.columns(Self.left..<Self.left + matrix.columns)
        view.assign(matrix.elements.map { Float($0) })
    }

    var isMarginUntouched: Bool {
        let right = Self.left + view.columns..<whole.columns
        return (whole.columns(0..<Self.left).hostCopy() + whole.columns(right).hostCopy())
            .allSatisfy { $0 == Self.sentinel }
    }
}

/// The largest difference over the reference's largest magnitude.
func difference(_ tensor: Tensor, _ reference: Matrix) -> Double {
    guard tensor.rows == reference.rows, tensor.columns == reference.columns else {
        return .infinity
    }
    return difference(tensor.hostCopy().map { Double($0) }, reference.elements)
}

/// The largest difference over the reference's largest magnitude.
func difference(_ values: [Double], _ reference: [Double]) -> Double {
    guard values.count == reference.count, values.allSatisfy({ $0.isFinite }) else {
        return .infinity
    }
    let largest = reference.map { abs($0) }.max() ?? 0
    return (zip(values, reference).map { abs($0 - $1) }.max() ?? 0) / max(1e-30, largest)
}

/// The gradient of `function` at `point` by central differences, in double.
///
/// The step 1e-5 errs by 1e-10 (its square) and 1e-11 (rounding over the step): references are held
/// to `centralTolerance`, far below what a wrong term would make.
func centralDifferences(at point: Matrix, _ function: (Matrix) -> Double) -> Matrix {
    var gradient = Matrix(point.rows, point.columns)
    var moved = point
    for index in point.elements.indices {
        moved.elements[index] = point.elements[index] + 1e-5
        let above = function(moved)
        moved.elements[index] = point.elements[index] - 1e-5
        gradient.elements[index] = (above - function(moved)) / 2e-5
        moved.elements[index] = point.elements[index]
    }
    return gradient
}

let centralTolerance = 1e-7

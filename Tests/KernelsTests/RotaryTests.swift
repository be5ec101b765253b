import Foundation
import Kernels
import Testing

/// Channel c and c + half of each head turned by position · theta^(−2c / head size).
enum RotaryReference {
    static func turn(
        _ x: Matrix,
        headSize: Int,
        positions: [Int32],
        theta: Double,
        inverse: Bool
    ) -> Matrix {
        var y = x
        let half = headSize / 2
        for row in 0..<x.rows {
            for head in 0..<x.columns / headSize {
                for channel in 0..<half {
                    let frequency = pow(theta, -2 * Double(channel) / Double(headSize))
                    let angle = Double(positions[row]) * frequency * (inverse ? -1 : 1)
                    let (low, high) = (head * headSize + channel, head * headSize + channel + half)
                    y[row, low] = x[row, low] * cos(angle) - x[row, high] * sin(angle)
                    y[row, high] = x[row, high] * cos(angle) + x[row, low] * sin(angle)
                }
            }
        }
        return y
    }
}

@Suite struct `Rotary positions` {
    /// Cosine and sine rounded to float32, two products and a sum: three units of 6e-8.
    static let tolerance = 3e-7

    @Test func `turning back is the reference's gradient`() {
        let (x, dy) = (Matrix.random(3, 12, seed: 1), Matrix.random(3, 12, seed: 2))
        let positions: [Int32] = [0, 4, 9]
        func turned(_ matrix: Matrix, inverse: Bool) -> Matrix {
            RotaryReference.turn(
                matrix,
                headSize: 6,
                positions: positions,
                theta: 50,
                inverse: inverse
            )
        }
        let byX = centralDifferences(at: x) { turned($0, inverse: false).dot(dy) }
        #expect(difference(turned(dy, inverse: true).elements, byX.elements) < centralTolerance)
    }

    @Test func `angles do not depend on the order in which positions are reached`() {
        let (once, stepwise) = (
            RotaryTable(positionCount: 1000, headSize: 8, theta: 10_000),
            RotaryTable(positionCount: 1000, headSize: 8, theta: 10_000)
        )
        let backend = CPUBackend(threadCount: 1)
        let x = Matrix.random(1, 8, seed: 4)
        func turned(_ position: Int32, _ table: RotaryTable) -> [Float] {
            let place = Strided(x)
            backend.rope(
                place.view,
                headSize: 8,
                positions: [position],
                table: table,
                inverse: false
            )
            return place.view.hostCopy()
        }
        let last = turned(999, once)
        for position in [Int32(0), 255, 256, 700, 999] {
            #expect(turned(position, stepwise) == turned(position, once))
        }
        #expect(turned(999, stepwise) == last)
    }

    @Test(arguments: [1, 2, 9], [2, 8, 64])
    func `both directions agree with the reference`(rows: Int, headSize: Int) {
        let table = RotaryTable(positionCount: 2048, headSize: headSize, theta: 10_000)
        let x = Matrix.random(rows, 3 * headSize, seed: 3)
        let positions = (0..<rows).map { Int32(($0 * 577 + 2047) % 2048) }
        for threads in 1...3 {
            for inverse in [false, true] {
                let place = Strided(x)
                CPUBackend(threadCount: threads).rope(
                    place.view,
                    headSize: headSize,
                    positions: positions,
                    table: table,
                    inverse: inverse
                )
                let expected = RotaryReference.turn(
                    x,
                    headSize: headSize,
                    positions: positions,
                    theta: 10_000,
                    inverse: inverse
                )
                #expect(difference(place.view, expected) < Self.tolerance)
                #expect(place.isMarginUntouched)
            }
        }
    }
}

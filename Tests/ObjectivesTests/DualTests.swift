import Domain
import Objectives
import Testing

@Suite struct DualTests {
    static let functions: [(name: String, body: @Sendable (Dual) -> Dual, points: [Double])] = [
        ("sigmoid", { sigmoid($0) }, [-30, -1, 0, 2, 30]),
        ("softplus", { softplus($0) }, [-30, -1, 0, 2, 30]),
        ("logSigmoid", { logSigmoid($0) }, [-30, -1, 0, 2, 30]),
        ("exp", { exp($0) }, [-3, 0, 2]),
        ("log", { log($0) }, [0.1, 1, 5]),
        ("logOneMinusExp", { logOneMinusExp($0) }, [-20, -1, -0.5, -0.01]),
        ("positivePart", { positivePart($0) }, [-1, 2]),
        ("squared", { $0.squared }, [-2, 0, 3]),
        ("quotient", { (2 * $0 + 1) / (3.0 - $0) }, [-2, 0.5]),
        ("product", { $0 * exp($0) - 1 }, [-2, 0.5]),
        ("clamped", { $0.clamped(to: -1...1) }, [-2, 0.5, 2]),
        ("logSumExp", { logSumExp([$0, Dual(1), 2 * $0]) }, [-2, 0.5]),
        ("smaller", { smaller($0, 2 * $0) }, [-2, 0.5]),
        ("larger", { larger($0, 2 * $0) }, [-2, 0.5]),
    ]

    @Test(arguments: functions.indices)
    func `every function's derivative equals central differences`(_ index: Int) {
        let (name, body, points) = Self.functions[index]
        for x in points {
            let h = 1e-6 * max(1, abs(x))
            let difference = (body(Dual(x + h)).value - body(Dual(x - h)).value) / (2 * h)
            let exact = body(.variable(x, slot: 2)).partials[2]
            #expect(abs(exact - difference) < 1e-6 * max(1, abs(exact)), "\(name) at \(x)")
        }
    }

    @Test func `logistic functions stay finite at extremes`() {
        for x in [-1e4, 1e4] {
            for result in [sigmoid(.variable(x, slot: 0)), logSigmoid(.variable(x, slot: 0))] {
                #expect(result.value.isFinite)
                #expect(result.partials[0].isFinite)
            }
        }
        #expect(logSigmoid(Dual(-1e4)).value == -1e4)
        #expect(softplus(-800.0) >= 0)
    }

    @Test func `a value carries no derivative and a slot only its own`() {
        let x = Dual.variable(3, slot: 1)
        #expect((x.value * x).partials == [0, 3, 0, 0, 0, 0, 0, 0])
        #expect(Dual.variable(3, slot: nil).partials == .zero)
    }

    @Test func `branches let not a number through`() {
        for branch in [
            positivePart(Dual(.nan)), smaller(Dual(1), Dual(.nan)), larger(Dual(1), Dual(.nan)),
            smaller(Dual(.nan), Dual(1)), larger(Dual(.nan), Dual(1)),
            Dual(.nan).clamped(to: 0...1),
        ] {
            #expect(branch.value.isNaN)
        }
    }

    @Test func `KL estimators agree with Schulman's formulas`() {
        let half = Dual.variable(0.5, slot: 0)
        #expect(KLEstimator.k1.penalty(half).value == 0.5)
        #expect(KLEstimator.k2.penalty(half).value == 0.125)
        #expect(abs(KLEstimator.k3.penalty(half).value - 0.106531) < 1e-6)
        #expect(abs(KLEstimator.k3.penalty(Dual(-0.5)).value - 0.148721) < 1e-6)
    }
}

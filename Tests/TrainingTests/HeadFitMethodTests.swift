import Domain
import Foundation
import Testing

@testable import Training

/// Fits to labels, ranked lists, soft labels and attributes.
@Suite struct `Head fit methods` {
    private static func features(_ count: Int, seed: UInt64 = 9) -> [[Double]] {
        var random = PhiloxSequence(seed: seed)
        return (0..<count).map { _ in
            (0..<4).map { 10 * Double($0) + Double.random(in: -1...1, using: &random) }
        }
    }

    private static func truth(_ row: [Double]) -> Double {
        2 * row[0] - (row[1] - 10) + 0.5 * (row[2] - 20)
    }

    private func score(_ head: HeadFit.Head, _ row: [Double]) -> Double {
        dot(head.weight, row) + head.bias
    }

    @Test func `logistic regression finds the boundary`() {
        let features = Self.features(400)
        let head = HeadFit(features: features, l2: 1e-4)
            .logistic(features.map { Self.truth($0) > 0.3 })
        let right = features.count { (score(head, $0) > 0) == (Self.truth($0) > 0.3) }
        #expect(right > 390)
    }

    @Test func `a ranked list of two is a pair`() {
        let features = Self.features(60)
        let pairs = (0..<30).map { index in
            let (left, right) = (2 * index, 2 * index + 1)
            return Self.truth(features[left]) > Self.truth(features[right])
                ? HeadFit.Pair(chosen: left, rejected: right)
                : HeadFit.Pair(chosen: right, rejected: left)
        }
        let fit = HeadFit(features: features, l2: 0.1)
        let (paired, listed) = (
            fit.bradleyTerry(pairs), fit.plackettLuce(pairs.map { [$0.chosen, $0.rejected] })
        )
        for (a, b) in zip(paired.weight, listed.weight) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func `ranked lists find the direction`() {
        let features = Self.features(200)
        let lists = (0..<50).map { index in
            (4 * index..<4 * index + 4).sorted {
                Self.truth(features[$0]) > Self.truth(features[$1])
            }
        }
        let head = HeadFit(features: features, l2: 1e-3).plackettLuce(lists)
        let ordered = lists.count { list in
            zip(list, list.dropFirst()).allSatisfy {
                score(head, features[$0]) > score(head, features[$1])
            }
        }
        #expect(ordered > 40)
    }

    @Test func `an undecided pair says nothing, and a margin asks for more`() {
        let features = Self.features(40)
        func norm(_ change: (inout HeadFit.Pair) -> Void) -> Double {
            let pairs = (0..<20).map { index in
                var pair = HeadFit.Pair(chosen: 2 * index, rejected: 2 * index + 1)
                change(&pair)
                return pair
            }
            let head = HeadFit(features: features, l2: 0.1).bradleyTerry(pairs)
            return dot(head.weight, head.weight)
        }
        #expect(norm { $0.probability = 0.5 } < 1e-20)
        #expect(norm { $0.margin = 1 } > norm { _ in })
        #expect(norm { $0.probability = 0.75 } < norm { _ in })
    }

    @Test func `a text that counts nought is left out`() {
        let features = Self.features(30)
        let ratings = features.map(Self.truth)
        let weights = ratings.indices.map { Double($0 % 3) }
        let head = HeadFit(features: features, l2: 0.1).ridge(ratings, weights: weights)
        // The same standardisation, or the penalty would mean something else.
        var doubled: [Double?] = ratings
        for index in doubled.indices where index % 3 == 0 { doubled[index] = nil }
        let once = HeadFit(features: features, l2: 0.1).ridge(
            doubled,
            weights: weights.map { $0 == 0 ? 5 : $0 }
        )
        for (a, b) in zip(head.weight, once.weight) { #expect(abs(a - b) < 1e-6) }
    }

    // MARK: Preference form

    @Test func `the form is the published one and turns its sign with the sides`() {
        let form = PreferenceForm(
            settings: .init(dimensions: 2, normalises: false, temperature: 1)
        )
        #expect(form.score([1, 2], [0.5, -1]) == -2)
        #expect(form.score([0.5, -1], [1, 2]) == 2)
        #expect(form.score([1, 2], [1, 2]) == 0)
    }

    @Test(arguments: [true, false])
    func `its slopes are central differences`(normalises: Bool) {
        let form = PreferenceForm(
            settings: .init(dimensions: 4, normalises: normalises, temperature: 0.7)
        )
        let (a, b) = ([0.3, -1.2, 0.8, 0.1], [-0.4, 0.9, 1.1, -0.6])
        let slopes = form.slopes(a, b, 1.5)
        for index in 0..<4 {
            func moved(_ vector: [Double], _ step: Double) -> [Double] {
                var vector = vector
                vector[index] += step
                return vector
            }
            let h = 1e-6
            let byA = (form.score(moved(a, h), b) - form.score(moved(a, -h), b)) / (2 * h)
            let byB = (form.score(a, moved(b, h)) - form.score(a, moved(b, -h))) / (2 * h)
            #expect(abs(1.5 * byA - slopes.left[index]) < 1e-7)
            #expect(abs(1.5 * byB - slopes.right[index]) < 1e-7)
        }
    }
}

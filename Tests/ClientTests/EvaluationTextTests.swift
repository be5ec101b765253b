import APITypes
import Client
import Domain
import Testing

@Suite struct EvaluationTextTests {
    @Test func `only what was measured is shown`() {
        let result: Value = [
            "models": [], "comparisons": [], "agreements": [],
            "rewards": [
                [
                    "reward": "length", "pairs": 3, "unscored": 1,
                    "figures": [
                        "accuracy": [
                            "rate": 0.5, "wins": 1, "losses": 1, "ties": 1,
                            "interval": ["lower": 0.1, "upper": 0.9, "level": 0.95],
                        ],
                        "calibration": ["expected_error": 0.25, "brier": 0.2, "bins": []],
                        "by_lead": [["lower": 0, "upper": 2, "count": 3, "accuracy": 0.5]],
                        "by_margin": [],
                        "length_bias": [
                            "longer_wins": 0.5, "chosen_longer": ["count": 0],
                            "chosen_shorter": ["count": 3, "accuracy": 0.5], "equal": ["count": 0],
                        ],
                    ],
                ]
            ],
        ]
        let text = EvaluationText(result).text
        #expect(text.contains("0.100 to 0.900") && text.contains("right if shorter"))
        #expect(!text.contains("right if longer") && !text.contains("temperature"))
        #expect(text.contains("own lead") && !text.contains("labelled margin"))
        #expect(!text.contains("model "))
    }

    @Test func `a falling reward beside a rising one is warned of`() {
        func curve(_ name: String, _ slope: Double) -> RewardCurveObject {
            RewardCurveObject(
                reward: name,
                start: 0,
                alpha: 1,
                beta: 0.5,
                determination: 0.9,
                distance: 3,
                slope: slope
            )
        }
        let text = RewardCurveTable.text([curve("reward", 0.1), curve("gold", -0.2)])
        #expect(text.contains("gold falls while the trained reward rises"))
        let both = RewardCurveTable.text([curve("reward", -0.1), curve("gold", -0.2)])
        #expect(!both.contains("falls"))
        #expect(RewardCurveTable.text([]).isEmpty)
        // A peak that nothing measured comes near is no figure.
        var near = curve("gold", -0.2)
        near.peakDistance = 2 * max(near.distance, 1)
        near.peakReward = 0.777
        #expect(RewardCurveTable.text([near]).contains("0.777"))
        var far = near
        far.peakDistance = 16_072_244.171
        let shown = RewardCurveTable.text([far])
        #expect(shown.contains("far") && !shown.contains("16072244") && !shown.contains("0.777"))
    }
}

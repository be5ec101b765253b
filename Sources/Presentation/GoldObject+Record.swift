public import APITypes
public import Store

extension NewGoldItem {
    /// What a request gives.
    public init(_ item: GoldRequest.Item) {
        self.init(prompt: item.prompt, first: item.first, second: item.second, truth: item.truth)
    }
}

extension GoldObject {
    /// A stored comparison.
    public init(_ record: GoldItemRecord) {
        self.init(
            id: record.id,
            prompt: record.content.prompt,
            completions: [record.content.first, record.content.second],
            value: record.content.truth,
            answered: record.answered,
            right: record.right
        )
        run = record.runID
    }
}

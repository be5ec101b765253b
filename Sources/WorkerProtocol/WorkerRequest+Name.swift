extension WorkerRequest {
    /// What the request asks for, in a word or two, for logs and errors.
    public var name: String {
        switch self {
        case .importModel: "import model"
        case .createModel: "create model"
        case .exportModel: "export model"
        case .openPolicy: "open policy"
        case .openReward: "open reward"
        case .encode: "encode"
        case .decode: "decode"
        case .sample: "sample"
        case .logprobs: "logprobs"
        case .measure: "measure"
        case .score: "score"
        case .compare: "compare"
        case .fitHead: "fit head"
        case .update: "update"
        case .checkpoint: "checkpoint"
        case .snapshot: "snapshot"
        case .plan: "plan"
        case .shutdown: "shutdown"
        }
    }

    /// Whether a worker computes it together with others of its kind, so that their answers may come
    /// in any order.
    ///
    /// Requests of other kinds are done one at a time: they wait for all before them, and all after
    /// them wait for them.
    public var sharesWork: Bool {
        if case .sample = self { return true }
        return false
    }
}

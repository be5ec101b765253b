import Domain
import Models

/// Which parameters of a model a training plan moves.
enum TrainableTable {
    /// The subset of `table` that gets gradients; empty for adapters, which have a table of their own.
    static func select(
        _ table: ParameterTable,
        _ trainable: TrainableSpec,
        layerCount: Int
    ) -> ParameterTable {
        switch trainable {
        case .all: table
        case .lora: ParameterTable([])
        case .topLayers(let count):
            table.filter { entry in
                if let layer = entry.layer { return layer >= layerCount - count }
                return entry.name == "model.norm.weight" || entry.name == "lm_head.weight"
            }
        }
    }
}

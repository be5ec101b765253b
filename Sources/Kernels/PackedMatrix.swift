import CKernels

/// How weights are stored in panels: for each input the weights of 16 outputs side by side.
public enum PanelFormat: Sendable, Hashable {
    /// The weights as they are.
    case float32
    /// Rounded to 8 bits of mantissa: half the memory.
    case bfloat16
    /// 8-bit integers with a float32 scale for every 32 inputs of an output: 9/32 of the memory.
    case int8

    /// Outputs of one panel.
    static let outputs = 16

    var code: Int32 {
        switch self {
        case .float32: Int32(CK_F32)
        case .bfloat16: Int32(CK_BF16)
        case .int8: Int32(CK_I8)
        }
    }

    /// Size of a panel in units of four bytes.
    func panelFloats(inputs: Int) -> Int { ck_panel_bytes(code, inputs) / 4 }
}

/// A weight matrix (outputs, inputs) in panels, laid by `Backend.pack`.
public struct PackedMatrix: Sendable {
    /// Rows of the matrix.
    public let outputs: Int
    /// Columns of the matrix.
    public let inputs: Int
    /// How its weights are stored.
    public let format: PanelFormat
    private let room: Tensor

    /// Panels that lie in `room`, a contiguous tensor of at least `floats(…)` elements.
    public init(outputs: Int, inputs: Int, format: PanelFormat, room: Tensor) {
        precondition(room.isContiguous)
        precondition(
            room.rows * room.columns
                >= Self.floats(outputs: outputs, inputs: inputs, format: format)
        )
        self.outputs = outputs
        self.inputs = inputs
        self.format = format
        self.room = room
    }

    /// Memory of a packed matrix in units of four bytes; the last panel is whole.
    public static func floats(outputs: Int, inputs: Int, format: PanelFormat) -> Int {
        (outputs + PanelFormat.outputs - 1) / PanelFormat.outputs
            * format.panelFloats(inputs: inputs)
    }

    /// Where the panel that begins with `output` lies; a multiple of 16.
    func panel(of output: Int) -> UnsafeMutablePointer<Float> {
        room.pointer + output / PanelFormat.outputs * format.panelFloats(inputs: inputs)
    }
}

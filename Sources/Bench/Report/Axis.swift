import Foundation

/// From values to places on a plot, with the values that are worth a label.
struct Axis {
    enum Scale {
        case linear
        case logarithmic
        /// Percentages: each further nine (90, 99, 99.9) is as far from the one before.
        case nines
    }

    let scale: Scale
    let low: Double
    let high: Double
    let label: (Double) -> String

    /// Covers all of the values; a linear one begins at zero where none is below.
    init(_ values: [Double], _ scale: Scale, label: @escaping (Double) -> String, floor: Double? = nil, ceiling: Double? = nil) {
        self.scale = scale
        self.label = label
        let finite = values.filter { $0.isFinite && (scale != .logarithmic || $0 > 0) }
        let (least, most) = (finite.min() ?? 0, finite.max() ?? 1)
        switch scale {
        case .linear:
            low = floor ?? min(0, least)
            high = ceiling ?? (most > low ? most * 1.05 : low + 1)
        case .logarithmic:
            low = pow(10, log10(max(least, 1e-9)).rounded(.down))
            high = max(low * 10, pow(10, log10(max(most, 1e-9)).rounded(.up)))
        case .nines:
            low = 0
            high = min(99.9999, max(90, finite.filter { $0 < 100 }.max() ?? 99))
        }
    }

    /// From 0 at the low end to 1 at the high end.
    func place(_ value: Double) -> Double {
        let (from, to) = (position(low), position(high))
        return min(1, max(0, (position(value) - from) / (to - from)))
    }

    private func position(_ value: Double) -> Double {
        switch scale {
        case .linear: value
        case .logarithmic: log10(max(value, low))
        case .nines: -log10(1 - min(value, high) / 100)
        }
    }

    var ticks: [Double] {
        switch scale {
        case .linear: linearTicks
        case .logarithmic:
            Array(stride(from: log10(low).rounded(), through: log10(high).rounded(), by: 1)).map { pow(10, $0) }
        case .nines: [0, 50, 90, 99, 99.9, 99.99, 99.999].filter { $0 <= high }
        }
    }

    /// About five, at 1, 2 or 5 times a power of ten.
    private var linearTicks: [Double] {
        let rough = (high - low) / 5
        let power = pow(10, log10(rough).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
        return Array(stride(from: (low / step).rounded(.up) * step, through: high + step * 1e-6, by: step)).map {
            abs($0) < step * 1e-6 ? 0 : $0
        }
    }
}

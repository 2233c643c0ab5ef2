extension Sampler {
    private enum Name: String, CaseIterable {
        case alwaysOn = "always_on"
        case alwaysOff = "always_off"
        case ratio = "traceidratio"
        case parentAlwaysOn = "parentbased_always_on"
        case parentAlwaysOff = "parentbased_always_off"
        case parentRatio = "parentbased_traceidratio"
    }

    init(_ source: SettingsSource) throws(SettingError) {
        let name = try source.choice("OTEL_TRACES_SAMPLER", default: Name.parentAlwaysOn)
        self =
            switch name {
            case .alwaysOn: Sampler(rule: .always, followsCaller: false)
            case .alwaysOff: Sampler(rule: .never, followsCaller: false)
            case .ratio: Sampler(rule: .share(try Self.share(source)), followsCaller: false)
            case .parentAlwaysOn: Sampler(rule: .always, followsCaller: true)
            case .parentAlwaysOff: Sampler(rule: .never, followsCaller: true)
            case .parentRatio: Sampler(rule: .share(try Self.share(source)), followsCaller: true)
            }
    }

    private static func share(_ source: SettingsSource) throws(SettingError) -> Double {
        guard let text = source.text("OTEL_TRACES_SAMPLER_ARG") else { return 1 }
        guard let share = Double(text), (0...1).contains(share) else {
            throw SettingError("OTEL_TRACES_SAMPLER_ARG", value: text, "it must be a number from 0 to 1")
        }
        return share
    }
}

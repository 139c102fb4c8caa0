//! The log of a server: structured, to stderr, quiet by default.

use std::{io, str::FromStr};

use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

/// Which events are logged.
#[derive(Clone, Debug)]
pub(crate) struct Filter(Targets);

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Filter).map_err(|_| {
            "write off, error, warn, info, debug or trace, or levels by target such as \
             warn,abide_server=debug"
                .to_owned()
        })
    }
}

/// Starts the log. It can be started once in a process.
pub(crate) fn start(filter: &Filter, json: bool) {
    let layer = fmt::layer().with_writer(io::stderr);
    let layer = if json {
        layer.json().with_filter(filter.0.clone()).boxed()
    } else {
        let color = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
        layer.with_ansi(color).with_filter(filter.0.clone()).boxed()
    };
    registry().with(layer).init();
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn a_filter_is_a_level_or_levels_by_target() {
        for text in ["warn", "off", "debug", "warn,abide_server=debug"] {
            assert!(text.parse::<Filter>().is_ok(), "{text}");
        }
        assert!("abide=loud".parse::<Filter>().is_err());
    }
}

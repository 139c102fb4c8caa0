//! Plots, as SVG.

mod bars;
mod curves;
mod svg;

use super::results::Results;

/// All plots that there is something to show in: the name of the file, a title and the drawing.
pub(crate) fn all(results: &Results) -> Vec<(&'static str, &'static str, String)> {
    let throughput = bars::draw(results).map(|svg| ("throughput.svg", "Throughput", svg));
    let latency = curves::draw(results).map(|svg| ("latency.svg", "Latency", svg));
    throughput.into_iter().chain(latency).collect()
}

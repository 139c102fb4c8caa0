use std::fmt::Write;

/// One for each system, in their order, and around again.
const COLORS: [&str; 8] =
    ["#8d99ae", "#0b6e4f", "#2a9d8f", "#8ac926", "#d1495b", "#edae49", "#6a4c93", "#1982c4"];

pub(super) fn color(number: usize) -> &'static str {
    COLORS[number % COLORS.len()]
}

/// A drawing.
pub(super) struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Svg { width, height, body: String::new() }
    }

    pub(super) fn bar(&mut self, x: f64, y: f64, width: f64, height: f64, color: &str) {
        self.add(&format!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{color}"/>"#
        ));
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.add(&format!(
            r##"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="#dddddd"/>"##
        ));
    }

    pub(super) fn curve(&mut self, points: &[(f64, f64)], color: &str) {
        let each = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}"));
        let points: Vec<String> = each.collect();
        self.add(&format!(
            r#"<polyline points="{}" fill="none" stroke="{color}" stroke-width="2"/>"#,
            points.join(" ")
        ));
    }

    /// Anchors are `start`, `middle` and `end`.
    pub(super) fn text(&mut self, x: f64, y: f64, anchor: &str, text: &str) {
        let text = escape(text);
        self.add(&format!(r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#));
    }

    pub(super) fn title(&mut self, x: f64, y: f64, text: &str) {
        let text = escape(text);
        self.add(&format!(r#"<text x="{x:.1}" y="{y:.1}" font-weight="bold">{text}</text>"#));
    }

    fn add(&mut self, element: &str) {
        writeln!(self.body, "{element}").expect("a string takes everything");
    }

    pub(super) fn finish(self) -> String {
        let Svg { width, height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"sans-serif\" font-size=\"12\" fill=\"#222222\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

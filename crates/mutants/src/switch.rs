//! All mutants of a file at once, each behind a switch of its own.

use std::collections::BTreeMap;

use syn::{
    Arm, BinOp, Block, Expr, ImplItemFn, ItemFn, Pat, PatGuard, TraitItemFn, parse_quote,
    spanned::Spanned,
    visit_mut::{self, VisitMut},
};

use crate::mutant::{Genre, Mutant, Place};

/// The number of a mutant: its place in the list, from 1.
pub(crate) type Number = u32;

/// Puts switches into a file: `if crate::mutant::on(7) { what the mutant has } else { what stands }`.
pub(crate) struct Switches<'a> {
    places: BTreeMap<(Place, Genre), Vec<(Number, &'a str)>>,
    placed: Vec<Number>,
}

impl<'a> Switches<'a> {
    /// Those of a file.
    pub(crate) fn new(mutants: impl Iterator<Item = (Number, &'a Mutant)>) -> Self {
        let mut places: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (number, mutant) in mutants {
            let place = (mutant.span.start, mutant.genre);
            places.entry(place).or_default().push((number, mutant.replacement.as_str()));
        }
        Switches { places, placed: Vec::new() }
    }

    /// The source with the switches, and whose there are.
    pub(crate) fn put(mut self, source: &str) -> syn::Result<(String, Vec<Number>)> {
        let mut file = syn::parse_file(source)?;
        self.visit_file_mut(&mut file);
        Ok((prettyplease::unparse(&file), self.placed))
    }

    fn at(&mut self, span: proc_macro2::Span, genre: Genre) -> Vec<(Number, &'a str)> {
        self.places.remove(&(span.into(), genre)).unwrap_or_default()
    }

    /// `standing`, unless one of the mutants is on.
    fn choose(&mut self, standing: &mut Expr, mutated: Vec<(Number, Expr)>) {
        if mutated.is_empty() {
            return;
        }
        let mut chosen = standing.clone();
        for (number, mutant) in mutated.into_iter().rev() {
            chosen = parse_quote!(if crate::mutant::on(#number) { #mutant } else { #chosen });
            self.placed.push(number);
        }
        *standing = parse_quote!((#chosen));
    }

    /// `before` is where it was; `block` is what has become of it.
    fn early(&mut self, before: &Block, block: &mut Block) {
        let Some(first) = before.stmts.first() else { return };
        for (number, value) in self.at(first.span(), Genre::FnValue) {
            let Ok(value) = syn::parse_str::<Expr>(value) else { continue };
            let early = parse_quote!(if crate::mutant::on(#number) { return #value; });
            block.stmts.insert(0, early);
            self.placed.push(number);
        }
    }

    /// What the mutants make of an expression, from what it was before there was any switch in it:
    /// only one mutant is on at a time.
    fn mutated(&mut self, before: &Expr) -> Vec<(Number, Expr)> {
        match before {
            Expr::Binary(binary) if !holds_let(before) => {
                let mut mutated = Vec::new();
                for (number, operator) in self.at(binary.op.span(), Genre::BinaryOperator) {
                    let Ok(op) = syn::parse_str::<BinOp>(operator) else { continue };
                    let mut changed = binary.clone();
                    changed.op = op;
                    mutated.push((number, Expr::Binary(changed)));
                }
                mutated
            }
            Expr::Unary(unary) => {
                let gone = self.at(unary.op.span(), Genre::UnaryOperator);
                gone.into_iter().map(|(number, _)| (number, (*unary.expr).clone())).collect()
            }
            Expr::Struct(new) => {
                let mut mutated = Vec::new();
                for (index, field) in new.fields.iter().enumerate() {
                    for (number, _) in self.at(field.span(), Genre::StructField) {
                        let mut changed = new.clone();
                        let others = new.fields.iter().enumerate().filter(|(at, _)| *at != index);
                        changed.fields = others.map(|(_, field)| field.clone()).collect();
                        if !changed.fields.empty_or_trailing() {
                            changed.fields.push_punct(Default::default());
                        }
                        mutated.push((number, Expr::Struct(changed)));
                    }
                }
                mutated
            }
            _ => Vec::new(),
        }
    }
}

/// Whether it is a chain with a `let` in it, which cannot stand inside of anything.
fn holds_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => holds_let(&binary.left) || holds_let(&binary.right),
        _ => false,
    }
}

impl VisitMut for Switches<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        let mutated = self.mutated(expression);
        visit_mut::visit_expr_mut(self, expression);
        self.choose(expression, mutated);
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        let gone = self.at(arm.span(), Genre::MatchArm);
        let guard = match &arm.pat {
            Pat::Guard(guarded) if !holds_let(&guarded.guard) => Some(guarded.guard.span()),
            _ => None,
        };
        let changed = guard.map(|span| self.at(span, Genre::MatchArmGuard)).unwrap_or_default();
        visit_mut::visit_arm_mut(self, arm);
        if let Pat::Guard(guarded) = &mut arm.pat {
            let mut mutated = Vec::new();
            for (number, value) in changed {
                mutated.extend(syn::parse_str(value).map(|value: Expr| (number, value)));
            }
            self.choose(&mut guarded.guard, mutated);
        }
        for (number, _) in gone {
            match &mut arm.pat {
                Pat::Guard(guarded) => {
                    let guard = &guarded.guard;
                    guarded.guard = parse_quote!(!crate::mutant::on(#number) && #guard);
                }
                pattern => {
                    *pattern = Pat::Guard(PatGuard {
                        attrs: Vec::new(),
                        pat: Box::new(pattern.clone()),
                        if_token: Default::default(),
                        guard: parse_quote!(!crate::mutant::on(#number)),
                    });
                }
            }
            self.placed.push(number);
        }
    }

    fn visit_item_fn_mut(&mut self, function: &mut ItemFn) {
        let before = function.block.clone();
        visit_mut::visit_item_fn_mut(self, function);
        self.early(&before, &mut function.block);
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        let before = function.block.clone();
        visit_mut::visit_impl_item_fn_mut(self, function);
        self.early(&before, &mut function.block);
    }

    fn visit_trait_item_fn_mut(&mut self, function: &mut TraitItemFn) {
        let before = function.default.clone();
        visit_mut::visit_trait_item_fn_mut(self, function);
        if let (Some(before), Some(block)) = (before, &mut function.default) {
            self.early(&before, block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switched(source: &str, mutants: &str) -> (String, Vec<Number>) {
        let mutants: Vec<Mutant> = serde_json::from_str(mutants).expect("a list");
        Switches::new((1..).zip(&mutants)).put(source).expect("it is Rust")
    }

    #[test]
    fn each_kind_of_mutant_gets_its_switch() {
        let source = "fn f(a: u8, b: bool) -> u8 {
    match a {
        0 if !b => a + 1,
        _ => a,
    }
}
";
        let mutant = |genre: &str, line: usize, column: usize, replacement: &str| {
            format!(
                r#"{{"name": "", "file": "", "genre": "{genre}", "replacement": "{replacement}",
                    "span": {{"start": {{"line": {line}, "column": {column}}},
                    "end": {{"line": {line}, "column": {column}}}}}}}"#
            )
        };
        let mutants = [
            mutant("FnValue", 2, 5, "7"),
            mutant("MatchArm", 3, 9, ""),
            mutant("MatchArmGuard", 3, 14, "true"),
            mutant("UnaryOperator", 3, 14, ""),
            mutant("BinaryOperator", 3, 22, "-"),
        ];
        let (source, mut placed) = switched(source, &format!("[{}]", mutants.join(",")));
        placed.sort_unstable();
        assert_eq!(placed, [1, 2, 3, 4, 5]);
        let text: String = source.split_whitespace().collect();
        for piece in [
            "ifcrate::mutant::on(1u32){return7;}",
            "!crate::mutant::on(2u32)&&(",
            "ifcrate::mutant::on(3u32){true}else{(ifcrate::mutant::on(4u32){b}else{!b})}",
            "ifcrate::mutant::on(5u32){a-1}else{a+1}",
        ] {
            assert!(text.contains(piece), "{piece} is not in {source}");
        }
    }

    #[test]
    fn a_chain_with_a_let_stays_whole() {
        let source = "fn f(a: Option<u8>) -> bool {\n    if let Some(1) = a && true { true } else { false }\n}\n";
        let mutant = r#"[{"name": "", "file": "", "genre": "BinaryOperator", "replacement": "||",
            "span": {"start": {"line": 2, "column": 24}, "end": {"line": 2, "column": 26}}}]"#;
        assert!(switched(source, mutant).1.is_empty());
    }
}

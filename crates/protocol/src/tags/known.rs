use super::tag;

macro_rules! known {
    ($($name:ident = $text:path,)*) => {
        /// A name that means something to the protocol. In the order of the texts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Known { $($name,)* }

        impl Known {
            #[cfg(test)]
            pub(super) const ALL: &[Known] = &[$(Known::$name,)*];

            pub(super) fn of(name: &str) -> Option<Self> {
                match name { $($text => Some(Known::$name),)* _ => None }
            }

            pub(super) fn text(self) -> &'static str {
                match self { $(Known::$name => $text,)* }
            }
        }
    };
}

known! {
    Owner = tag::OWNER,
    Branch = tag::BRANCH,
    Delay = tag::DELAY,
    External = tag::EXTERNAL,
    Origin = tag::ORIGIN,
    Parent = tag::PARENT,
    Prefix = tag::PREFIX,
    Schedule = tag::SCHEDULE,
    Scope = tag::SCOPE,
    Target = tag::TARGET,
    Timer = tag::TIMER,
}

impl Known {
    /// One bit for each.
    pub(super) fn bit(self) -> u16 {
        1 << self as u16
    }
}

#[cfg(test)]
mod tests {
    use super::Known;

    #[test]
    fn they_are_in_the_order_of_their_texts() {
        assert!(Known::ALL.is_sorted_by_key(|known| known.text()));
        assert!(Known::ALL.iter().all(|known| Known::of(known.text()) == Some(*known)));
    }
}

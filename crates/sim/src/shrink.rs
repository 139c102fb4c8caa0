//! Makes a failing run smaller: with fewer faults, fewer actors and a shorter time in which things
//! happen, for as long as the same checker finds something.

use crate::{
    plan::Dial,
    run::{Failure, run},
    setting::Setting,
};

/// The smallest setting that was found in which the seed still fails in the same way, and how.
pub fn shrink(failure: &Failure, setting: &Setting) -> (Setting, Failure) {
    let (mut best, mut found) = (setting.clone(), failure.clone());
    let fails = |setting: &Setting| {
        run(failure.seed, setting).err().filter(|it| it.checker == failure.checker)
    };
    loop {
        let mut smaller = false;
        for dial in Dial::ALL {
            if best.without.contains(&dial) {
                continue;
            }
            let mut without = best.clone();
            without.without.push(dial);
            if let Some(failure) = fails(&without) {
                (best, found, smaller) = (without, failure, true);
            }
        }
        // Nothing before the end of the time matters less than what comes after it.
        let mut high = best.span.unwrap_or(found.at.max(1));
        while high > 100 {
            let shorter = Setting { span: Some(high * 3 / 4), ..best.clone() };
            let Some(failure) = fails(&shorter) else { break };
            (best, found, high) = (shorter, failure, high * 3 / 4);
            smaller = true;
        }
        if !smaller {
            return (best, found);
        }
    }
}

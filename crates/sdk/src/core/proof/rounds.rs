//! Functions with save points, and leaves that count their attempts.

use std::sync::Arc;

use super::{
    interpret::{Env, Value, both, call, mix, run},
    program::{Call, Loop, What},
};
use crate::core::{
    ambient,
    ask::{Ask, Deadline, Kind, Options},
    operation::Operation,
    site::Site,
};

/// What a flaky leaf comes to.
pub(super) fn flaky(arg: u64, until: u32, attempt: u32) -> Value {
    if attempt < until { Err(arg) } else { Ok(mix(arg, attempt.into())) }
}

/// A loop with save points.
pub(super) async fn rounds(env: &Arc<Env>, looped: &Loop) -> Value {
    let restored = ambient::current().unwrap().restore();
    let state = restored.expect("it is asked for first, and once");
    let (mut n, mut sum): (u32, u64) =
        state.map_or((0, 12), |state| serde_json::from_str(&state).unwrap());
    while n < looped.times {
        n += 1;
        sum = match run(env, &looped.round).await {
            Ok(value) => mix(sum, value),
            Err(value) if value.is_multiple_of(2) => mix(sum, value),
            Err(value) => return Err(value),
        };
        if !n.is_multiple_of(looped.every) {
            continue;
        }
        let save = Operation::new(save(format!("[{n},{sum}]")));
        if looped.among_others {
            let other = Call { what: What::Remote(99), site: 99, cancel: false };
            let _ = tokio::join!(save, call(env, &other));
        } else {
            save.await.unwrap();
        }
    }
    both(Ok(sum), run(env, &looped.rest).await)
}

fn save(state: String) -> Arc<Ask> {
    Arc::new(Ask {
        kind: Kind::Save,
        func: "save".into(),
        args: state.into(),
        fingerprint: 0,
        site: Site::recorded("save"),
        options: Options { deadline: Some(Deadline::At(0)), ..Options::default() },
        body: None,
    })
}
